//! `ecom`: the all-in-one platform and the operator's command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    // As root PostgreSQL is started through this same program.
    dev_postgres::maybe_run_as_helper();
    ecom::cli::main()
}
