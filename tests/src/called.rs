//! How these programs are called: `just check` in the repository, `check` where somebody has only the programs.

use std::borrow::Cow;

use clap::Error;

/// Whether they were built to be used without the repository (`classroom/dist`).
const IS_ALONE: bool = option_env!("HTTP_SUITE_ALONE").is_some();

/// A text, with its commands as they are typed here.
pub fn as_called(text: &str) -> Cow<'_, str> {
    if IS_ALONE { Cow::Owned(alone(text)) } else { Cow::Borrowed(text) }
}

fn alone(text: &str) -> String {
    // Each names its own program, or what another program does for it.
    let others = [("just site ", "check --make-site "), ("`just site`", "`check --make-site`")];
    let text = others.iter().fold(text.to_owned(), |text, (recipe, command)| text.replace(recipe, command));
    ["check", "grade"].iter().fold(text, |text, program| text.replace(&format!("just {program}"), program))
}

/// Prints the help, or what is wrong with the command line, and ends this program.
pub fn exit(error: &Error) -> ! {
    if IS_ALONE {
        let text = alone(&error.render().ansi().to_string());
        if error.use_stderr() {
            anstream::eprint!("{text}")
        } else {
            anstream::print!("{text}")
        };
        std::process::exit(error.exit_code())
    }
    error.exit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_of_the_repository_become_those_of_the_programs() {
        let text = "just site /tmp/suite; just check 127.0.0.1:8080, or `just grade --help`, or `just site`; adjust it";
        let told =
            "check --make-site /tmp/suite; check 127.0.0.1:8080, or `grade --help`, or `check --make-site`; adjust it";
        assert_eq!(alone(text), told);
        assert_eq!(as_called(text) == text, !IS_ALONE);
    }
}
