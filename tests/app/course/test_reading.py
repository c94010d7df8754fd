"""Lessons from files: one that is right, and a sentence with line and field for each mistake."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.course.lesson import Measured
from app.course.reading import LessonError, read_lesson, read_lessons
from app.course.shelf import shelf

PAGES = ["lesions", "gradients"]
WORDS = {"share_kept_without": ("class", "before", "after", "gone")}
RIGHT = """\
title = "One block"
minutes = 3
goal = "Some blocks can go."
[[steps]]
title = "Look"
text = "Nothing is asked here."
link = "/lesions"
[[steps]]
title = "Gone"
text = "We take out layer3.1."
link = "/lesions?net=ResNet-56&gone=layer3.1&gone=layer3.2"
[steps.question]
ask = "How much is left?"
guesses = [{ says = "little", below = 0.5 }, { says = "much", least = 0.5, because = "{after} are left." }, CAT]
decides = "share_kept_without"
reveal = "{before} before."
""".replace("CAT", '{ says = "a cat" }')


def read(folder: Path, text: str) -> str:
    """The sentence about a file that is no lesson."""
    path = folder / "03-one-block.toml"
    path.write_text(text)
    with pytest.raises(LessonError) as error:
        read_lesson(path, PAGES, WORDS)
    return str(error.value)


def test_a_lesson_is_read_with_its_steps_links_and_guesses(tmp_path: Path) -> None:
    (tmp_path / "03-one-block.toml").write_text(RIGHT)
    lesson = read_lesson(tmp_path / "03-one-block.toml", PAGES, WORDS)
    assert (lesson.name, lesson.minutes, len(lesson.steps)) == ("one-block", 3, 2)
    step = lesson.steps[1]
    assert (step.folder, step.settings) == ("lesions", {"net": ["ResNet-56"], "gone": ["layer3.1", "layer3.2"]})
    assert step.question is not None
    words = {"before": "90 %", "after": "80 %"}
    assert step.question.right(Measured(0.5, 0.7, words)) == 1
    said = step.question.said(Measured(0.5, 0.7, words))
    assert said == "90 % before. 80 % are left.".replace(" %", "\N{NO-BREAK SPACE}%")
    assert step.question.right(Measured(0.4, 0.6, words)) is None  # the range reaches into two guesses
    assert step.question.said(Measured(0.4, 0.6, words)) == "90\N{NO-BREAK SPACE}% before."


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('title = "One block"', "", 1, "“title”: this field is missing"),
        ("minutes = 3", 'minutes = "3"', 2, "“minutes”: '3' should be of type int"),
        ("minutes = 3", "minutes = true", 2, "“minutes”: True should be of type int"),
        ("goal", "gaol", 3, "“gaol”: this field is unknown here"),
        ("Nothing is asked here.", "word " * 61, 6, "“text”: 61 words; a step has at most 60"),
        ("/lesions?net", "/lessions?net", 11, "“link”: there is no page “lessions”"),
        ("share_kept_without", "share", 15, "“decides”: there is no measurement “share”"),
        ("least = 0.5", "least = 0.4", 14, "“guesses”: two guesses hold for the same figure"),
        ("below = 0.5", "belwo = 0.5", 14, "“belwo”: this field is unknown here"),
        ("{before} before", "{befor} before", 16, "“reveal”: “share_kept_without” has no {befor}"),
        ("{after} are", "{after are", 14, "“because”: a name stands between two braces"),
        (
            ', { says = "much", least = 0.5, because = "{after} are left." }, { says = "a cat" }',
            "",
            14,
            "2 to 5 guesses",
        ),
        ("decides", "of = 3\ndecides", 15, "“of”: 3 should be of type str"),
        ("[[steps]]", "[steps]", None, "is not TOML"),
        ('ask = "How', "ask = How", None, r"is not TOML: Invalid value \(at line 13"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_field(
    tmp_path: Path, old: str, new: str, line: int | None, words: str
) -> None:
    assert old in RIGHT
    said = read(tmp_path, RIGHT.replace(old, new))
    assert said.startswith("03-one-block.toml" + (f", line {line}, field " if line else " "))
    assert re.search(words if line is None else re.escape(words), said), said


def test_one_wrong_file_leaves_the_others(tmp_path: Path) -> None:
    (tmp_path / "1-good.toml").write_text(RIGHT)
    (tmp_path / "2-bad.toml").write_text("title = 3")
    (tmp_path / "3-bytes.toml").write_bytes(b"\xff\xfe")
    lessons, problems = read_lessons(tmp_path, PAGES, WORDS)
    assert list(lessons) == ["good"]
    assert [problem.split(" ")[0] for problem in problems] == ["2-bad.toml,", "3-bytes.toml"]


def test_the_lesson_of_the_readme_is_one_and_is_read_again_when_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readme = (Path(__file__).parents[3] / "app" / "course" / "README.md").read_text()
    (example,) = re.findall(r"```toml\n(.*?)```", readme, flags=re.DOTALL)
    path = tmp_path / "mine.toml"
    path.write_text(example)
    monkeypatch.setenv("RESNET_EXPLORER_LESSONS", str(tmp_path))
    assert shelf().lessons["mine"].title == "One block, twice"
    path.write_text(example.replace("One block, twice", "Twice"))
    assert shelf().lessons["mine"].title == "Twice"
    (tmp_path / "take-a-block-away.toml").write_text(example)
    assert shelf().problems == ["take-a-block-away.toml: there is a lesson “take-a-block-away” already."]
    monkeypatch.setenv("RESNET_EXPLORER_LESSONS", str(tmp_path / "nowhere"))
    assert "a folder that is not there" in shelf().problems[0]
