//! The built-in course: it passes the static gate, is inside the program whole, and opens fast.

use dockshala::{
    course::{Course, Lang, OpenError, TestAt, lint, source::files::Folder, template},
    i18n,
};
use std::{
    path::Path,
    time::{Duration, Instant},
};

#[test]
fn the_built_in_course_passes_the_static_gate() {
    let files = Folder::open(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let read = lint::lint(&files);
    let told: Vec<_> =
        read.findings.iter().map(|f| format!("{}:{}: {} {:?}", f.file, f.line, f.code, f.args)).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
    assert_eq!(read.source.hash, Course::built_in().hash(), "the program was not built from these files");
}

#[test]
fn all_of_it_is_inside_the_program_in_every_language() {
    let course = Course::built_in();
    assert!(!course.lessons().is_empty() && !course.exercises().is_empty());
    for lang in course.languages() {
        for lesson in course.lessons() {
            let (text, real) = course.lesson_text(&lesson.id, lang).unwrap();
            assert_eq!(&real, lang);
            assert!(text.words > 0 && text.sections.len() == lesson.sections.len());
            assert!(!text.document.markdown.contains("{{code") && !text.document.markdown.contains("{{fig"));
            // Colours were made when the program was built, one for each block of code, and fit it.
            let blocks = dockshala::course::source::markdown::outline(&text.document.markdown).fences;
            assert_eq!(text.document.code.len(), blocks.len(), "{}", lesson.id);
            for (block, colours) in blocks.iter().zip(&text.document.code) {
                for (line, pieces) in block.text.lines().zip(&colours.lines) {
                    assert_eq!(pieces.iter().map(|(bytes, _)| *bytes as usize).sum::<usize>(), line.len());
                }
            }
        }
        for exercise in course.exercises() {
            let (text, real) = course.exercise_text(&exercise.id, lang).unwrap();
            assert_eq!(&real, lang);
            assert!(text.hints.len() >= 3 && !text.brief.markdown.is_empty() && !text.debrief.markdown.is_empty());
        }
    }
    for exercise in course.exercises() {
        let files = course.exercise_files(&exercise.id).unwrap();
        assert_eq!(files.good[0].name, "solution");
        assert_eq!(exercise.spec().goals, exercise.goals);
    }
    for module in course.modules() {
        assert_eq!(course.quiz(&module.id).len(), module.questions as usize);
    }
    for claim in course.claims() {
        assert!(course.lesson(&claim.claim.lesson).is_some());
    }
}

/// What the README promises of the course. A pack of somebody's own may be smaller, so this is no rule of `course lint`.
#[test]
fn it_is_as_whole_as_it_says() {
    let course = Course::built_in();
    assert_eq!((course.modules().len(), course.lessons().len()), (13, 49));
    for module in course.modules() {
        assert!(module.capstone.is_some() && module.test_out.is_some(), "{} lacks a capstone or a test-out", module.id);
    }
    assert!(course.exercises().len() >= 46);
    for exercise in course.exercises() {
        let files = course.exercise_files(&exercise.id).unwrap();
        assert!(files.good.len() >= 2 && files.bad.len() >= 3, "{} has too few specimens", exercise.id);
    }
    let questions: Vec<_> = course.modules().iter().flat_map(|m| course.quiz(&m.id)).collect();
    let spoken: Vec<_> = questions.iter().filter(|q| q.in_interviews()).collect();
    assert!(questions.len() >= 250 && spoken.len() >= 60, "{} questions, {} spoken", questions.len(), spoken.len());
    assert!(course.claims().len() >= 25);
    let samples: Vec<_> = course.lessons().iter().flat_map(|l| course.lesson_code(&l.id).unwrap().samples).collect();
    let here = samples.iter().filter(|s| matches!(s.test, TestAt::Here | TestAt::WrongAsSaid)).count();
    assert!(here * 10 >= samples.len() * 9, "{here} of {} samples are tried everywhere", samples.len());
}

/// The numbers that the README gives are those of the course as it stands.
#[test]
fn the_readme_counts_right() {
    let course = Course::built_in();
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let readme = readme.split_whitespace().collect::<Vec<_>>().join(" ");
    let (modules, lessons, exercises) = (course.modules().len(), course.lessons().len(), course.exercises().len());
    let questions: Vec<_> = course.modules().iter().flat_map(|m| course.quiz(&m.id)).collect();
    let spoken = questions.iter().filter(|q| q.in_interviews()).count();
    for said in [
        format!("The course: {modules} modules and {lessons} lessons in both languages"),
        format!("{exercises} exercises;"),
        format!("over {} questions, {spoken} of them as interviewers ask", questions.len() / 100 * 100),
        format!("{} claims to predict", course.claims().len()),
    ] {
        assert!(readme.contains(&said), "the README does not say: {said}");
    }
}

/// The README shows parts of a run and `docs/demo.txt` the whole: both are of the exercise as it stands today.
#[test]
fn the_recorded_demo_is_of_the_exercise_as_it_stands() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |file: &str| std::fs::read_to_string(root.join(file)).unwrap();
    let (demo, readme) = (read("docs/demo.txt"), read("README.md"));
    let folder = "exercises/07-multi-stage/28-two-stages";
    for file in ["starter/Dockerfile", "good/solution/Dockerfile"] {
        let indented = |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") };
        let shown: String = read(&format!("{folder}/{file}")).lines().map(indented).collect();
        assert!(demo.contains(&shown), "{file} is another:\n{shown}");
    }
    let course = Course::built_in();
    let goals = course.exercise("two-stages").unwrap().goals.clone();
    for goal in goals {
        let words = dockshala::words::goal(&Lang::en(), &goal);
        assert_eq!(demo.matches(&words).count(), 2, "told of the starter and of the solution: {words}");
    }
    // What the README shows of the verdict and of the sizes stands in the whole run; long lines are cut short there.
    let costs = "Which line cost what";
    let pictures: Vec<_> =
        readme.split("```").filter(|b| b.contains("Goals\n") || b.contains("Side by side")).collect();
    assert_eq!(pictures.len(), 2);
    for line in pictures.iter().flat_map(|picture| picture.split(costs).next().unwrap().lines()) {
        let part = line.trim().split(", …").next().unwrap().trim_matches('…');
        assert!(demo.contains(part), "{line}");
    }
    assert!(readme.contains(costs));
}

/// Three exercises hand out the same small database client: what is mended in one must be mended in all. A shared folder
/// was the alternative; a starter that reaches out of its own folder could not be copied to a learner as it stands.
#[test]
fn the_database_client_is_the_same_wherever_it_is_handed_out() {
    let exercises = Path::new(env!("CARGO_MANIFEST_DIR")).join("exercises/10-registry-and-compose");
    let client = |folder: &str| std::fs::read_to_string(exercises.join(folder).join("pg.js")).unwrap();
    let first = client("41-shop-and-database/starter/api");
    assert!(first.contains("SCRAM-SHA-256"));
    assert_eq!(first, client("42-health-and-secret/starter/api"));
    assert_eq!(first, client("65-library-catalogue/starter/catalogue"));
}

/// Each lesson on swarm hands out the script that makes a practice swarm, since a learner gets the folder of one lesson only.
#[test]
fn the_practice_swarm_is_the_same_in_every_lesson() {
    let course = Course::built_in();
    let scripts = course.lessons().iter().filter_map(|lesson| {
        let code = course.lesson_code(&lesson.id)?;
        let script = code.files.into_iter().find(|file| file.path == "swarm.sh")?;
        Some((lesson.id.clone(), script.bytes))
    });
    let scripts: Vec<_> = scripts.collect();
    assert!(scripts.len() >= 2, "renamed? then this test must be, too");
    for (lesson, script) in &scripts {
        assert_eq!(String::from_utf8_lossy(script), String::from_utf8_lossy(&scripts[0].1), "{lesson}");
    }
}

#[test]
fn a_text_in_a_language_that_is_not_there_is_the_nearest_one() {
    let course = Course::built_in();
    let id = &course.lessons()[0].id;
    assert_eq!(course.lesson_text(id, &Lang::new("en-IN")).unwrap().1, Lang::en());
    assert_eq!(course.lesson_text(id, &Lang::new("ta")).unwrap().1, Lang::en());
    assert!(course.lesson_text("no-such-lesson", &Lang::en()).is_none());
}

/// A ratio within one run: what it catches is parsing or colouring at start, which costs as much as reading the folder.
#[test]
fn the_index_and_the_strings_are_there_at_once() {
    let began = Instant::now();
    let course = Course::built_in();
    i18n::text(&Lang::hinglish(), "cli.about", &[]);
    course.lesson_text(&course.lessons()[0].id, &Lang::en());
    let built_in = began.elapsed();
    let began = Instant::now();
    assert!(Course::open(Path::new(env!("CARGO_MANIFEST_DIR"))).is_ok());
    let read = began.elapsed();
    assert!(built_in * 10 < read, "{built_in:?} built in, {read:?} from the folder");
}

#[test]
fn a_pack_that_cannot_be_used_says_where() {
    let dir = tempfile::tempdir().unwrap();
    template::write(&dir.path().join("p")).unwrap();
    let file = dir.path().join("p/lessons/01-first/module.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("summary", "sumary")).unwrap();
    let Err(OpenError::Unsound(findings)) = Course::open(&dir.path().join("p")) else { panic!("it opened") };
    let first = &findings[0];
    assert_eq!((first.file.as_str(), first.line, first.code), ("lessons/01-first/module.yaml", 3, "yaml"));
    assert!(first.snippet.starts_with("sumary:"), "{first:?}");
}

/// An optimised build takes a tenth of the time of this one.
#[test]
fn a_pack_of_a_thousand_lessons_opens() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("p");
    template::write(&root).unwrap();
    let module = root.join("lessons/01-first");
    let text = std::fs::read_to_string(module.join("01-hello/en.md")).unwrap();
    let mut names = vec!["01-hello".to_owned()];
    for nth in 0..1000 {
        let lesson = module.join(format!("l{nth}"));
        std::fs::create_dir_all(lesson.join("code")).unwrap();
        for file in ["Dockerfile", "hello.txt", "samples.yaml"] {
            std::fs::copy(module.join("01-hello/code").join(file), lesson.join("code").join(file)).unwrap();
        }
        let own = text.replace("id: hello-scratch", &format!("id: lesson-{nth}"));
        std::fs::write(lesson.join("en.md"), own).unwrap();
        names.push(format!("l{nth}"));
    }
    let sheet = std::fs::read_to_string(module.join("module.yaml")).unwrap();
    let sheet = sheet.replace("[01-hello]\nexercises", &format!("[{}]\nexercises", names.join(", ")));
    std::fs::write(module.join("module.yaml"), sheet).unwrap();
    let course = root.join("lessons/course.yaml");
    let one_language = std::fs::read_to_string(&course).unwrap().replace("[en, hi-Latn]", "[en]");
    std::fs::write(&course, one_language.replace(", hi-Latn: Mera course", "")).unwrap();
    let began = Instant::now();
    let opened = Course::open(&root);
    let took = began.elapsed();
    println!("1,000 lessons: {took:?}");
    let Err(OpenError::Unsound(findings)) = opened else { panic!("the Hinglish texts belong to no language now") };
    assert!(findings.iter().all(|f| f.code == "language-unknown"), "{:?}", findings[0]);
    assert!(took < Duration::from_secs(30), "{took:?}");
}
