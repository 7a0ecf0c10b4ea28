/* onus: the command. Finds the verb, reads its options, runs it, and makes sure that what it
 * printed has arrived.
 *
 * Verbs are a table (verbs.c); each cmd_<verb>.c returns the exit code. The environment is
 * read here (NO_COLOR, TERM) and in ranks.c, and here alone the process ends. Results go to stdout,
 * talk to stderr; a stdout that cannot be written is an error, not a shorter result. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "onus/error.h"
#include "onus/scalar.h"

static bool has_argument(int argc, char **argv, const char *word) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], word) == 0) {
            return true;
        }
    }
    return false;
}

static void read_environment(cli_env *cli) {
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    const bool dumb = term == NULL || strcmp(term, "dumb") == 0;
    const bool colour = !(no_color != NULL && no_color[0] != '\0') && !dumb &&
                        !has_argument(cli->argc, cli->argv, "--no-color");
    cli->colour_out = colour && isatty(STDOUT_FILENO);
    cli->colour_err = colour && isatty(STDERR_FILENO);
    cli->progress = !dumb && isatty(STDERR_FILENO);
}

/* A stream that the caller closed must not become the first file we open: it is held by something
 * that cannot be written, so that printing to it fails and says so. */
static void hold_standard_streams(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF) {
            (void)open("/dev/null", O_RDONLY); /* the lowest free number is fd */
        }
    }
}

/* The result is printed only once it is out of our hands. */
static int close_stdout(const cli_env *cli, int exit_code) {
    const bool failed = ferror(stdout) != 0;
    errno = 0;
    if (fclose(stdout) == 0 && !failed) {
        return exit_code;
    }
    onus_error err = ONUS_ERROR_INIT;
    const onus_status status =
        onus_fail_plain(&err, ONUS_ERR_IO, "cannot write to standard output: %s",
                        errno != 0 ? onus_errno_text(errno) : "an earlier write failed");
    (void)cli_fail(cli, &err);
    return onus_status_exit_code(status);
}

static int run_verb(cli_env *cli, int argc, char **argv) {
    cli_args args;
    onus_error err = ONUS_ERROR_INIT;
    if (cli_args_parse(cli->verb, argc, argv, &args, &err) != ONUS_OK) {
        return cli_usage(cli, "%s", err.text);
    }
    if (args.help) {
        if (!cli->silent) {
            cli_help_verb(stdout, cli->verb);
        }
        return 0;
    }
    return cli->verb->run(cli, &args);
}

static int run(cli_env *cli) {
    int first = 1;
    while (first < cli->argc && strcmp(cli->argv[first], "--no-color") == 0) {
        first++;
    }
    if (first >= cli->argc) {
        cli_help_all(stderr);
        return onus_status_exit_code(ONUS_ERR_USAGE);
    }
    const char *word = cli->argv[first];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        word = "help";
    } else if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        word = "version";
    }
    cli->verb = cli_verb_find(word);
    if (cli->verb == NULL) {
        return cli_verb_unknown(cli, word);
    }
    if (cli->verb->run == cmd_try && !has_argument(cli->argc, cli->argv, "--alone")) {
        cli_ranks_look(cli);
    }
    return run_verb(cli, cli->argc - first - 1, cli->argv + first + 1);
}

int main(int argc, char **argv) {
    cli_env cli = {.argc = argc, .argv = argv};
    hold_standard_streams();
    read_environment(&cli);
    const int exit_code = run(&cli);
    cli_progress_clear();
    return close_stdout(&cli, exit_code);
}
