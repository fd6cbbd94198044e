// Of the worker with AddressSanitizer alone. Its environment is empty, so its options are compiled in.

/// symbolize: there is no file to read names from, and no process to start that could.
/// detect_leaks: would need a process of its own, and a worker's memory ends with it.
/// handle_segv and the like: a crash is to look to the host as it does in any other build.
extern "C" const char* __asan_default_options() {
    return "symbolize=0:detect_leaks=0:handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0";
}
