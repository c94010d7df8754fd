"""What a visitor clicks on the Predict page."""
