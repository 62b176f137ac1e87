//! The one binary. All it does is hand over to the command line.

fn main() -> std::process::ExitCode {
    saola::cli::main()
}
