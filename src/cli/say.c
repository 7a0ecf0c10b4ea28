/* Messages: everything that the command line tells a person on stderr.
 *
 * The form is the one compilers use, "path:line:col: error: text", so that editors jump to the
 * place. Of many problems the first twenty are printed in full and all are counted by kind. Colours
 * mark the words "error" and "warning" on a terminal only.
 *
 * Called by every verb. It never decides what a failure is: that is the status, from the library.
 */
#include "cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "onus/scalar.h"

const char *cli_colour_on(bool enabled, cli_colour colour) {
    static const char *const codes[] = {"", "\033[1m", "\033[1;31m", "\033[1;32m", "\033[1;33m"};
    return enabled ? codes[colour] : "";
}

const char *cli_colour_off(bool enabled) {
    return enabled ? "\033[0m" : "";
}

/* Prints one formatted error with its word in colour. */
static void print_error(const cli_env *cli, const onus_error *err) {
    if (cli->silent) {
        return;
    }
    char text[ONUS_ERROR_PATH_MAX + ONUS_ERROR_TEXT_MAX + 64];
    onus_error_format(err, text, sizeof text);
    const char *word = strstr(text, "error: ");
    cli_progress_clear();
    if (word == NULL || !cli->colour_err) {
        fprintf(stderr, "%s\n", text);
    } else {
        fprintf(stderr, "%.*s%serror:%s%s\n", (int)(word - text), text,
                cli_colour_on(true, CLI_RED), cli_colour_off(true), word + strlen("error:"));
    }
}

int cli_fail(const cli_env *cli, const onus_error *err) {
    print_error(cli, err);
    return onus_status_exit_code(err->status);
}

int cli_fail_problems(const cli_env *cli, const onus_problems *problems) {
    for (size_t i = 0; i < problems->n_full; i++) {
        print_error(cli, &problems->full[i]);
    }
    if (problems->n_all > problems->n_full && !cli->silent) {
        char count[32];
        onus_format_count((int64_t)problems->n_all, count);
        fprintf(stderr, "%s problems in all, of which the first %zu are shown; by kind:\n", count,
                problems->n_full);
        for (size_t i = 0; i < problems->n_kinds; i++) {
            onus_format_count((int64_t)problems->kinds[i].n, count);
            fprintf(stderr, "%9s  %s\n", count, problems->kinds[i].kind);
        }
    }
    return onus_status_exit_code(onus_problems_status(problems));
}

int cli_fail_run(const cli_env *cli, onus_status status, const onus_problems *problems,
                 const onus_error *err) {
    if (problems->n_all > 0 && (status == ONUS_ERR_DATA || status == ONUS_ERR_NOINPUT)) {
        return cli_fail_problems(cli, problems);
    }
    onus_error said = ONUS_ERROR_INIT;
    if (err != NULL && err->status != ONUS_OK) {
        said = *err;
    }
    said.status = status;
    if (status == ONUS_ERR_INTERRUPTED) { /* in which stage does not matter to who stopped it */
        snprintf(said.text, sizeof said.text, "interrupted; nothing was written");
    } else if (said.text[0] == '\0') {
        snprintf(said.text, sizeof said.text, "%s", onus_status_text(status));
    }
    return cli_fail(cli, &said);
}

int cli_usage(const cli_env *cli, const char *fmt, ...) {
    if (cli->silent) {
        cli_ranks_let_speak(cli);
        return onus_status_exit_code(ONUS_ERR_USAGE);
    }
    char text[ONUS_ERROR_TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    const char *space = cli->verb != NULL ? " " : "";
    const char *verb = cli->verb != NULL ? cli->verb->name : "";
    fprintf(stderr, "onus%s%s: %serror:%s %s\n", space, verb,
            cli_colour_on(cli->colour_err, CLI_RED), cli_colour_off(cli->colour_err), text);
    fprintf(stderr, "see 'onus help%s%s'\n", space, verb);
    return onus_status_exit_code(ONUS_ERR_USAGE);
}

void cli_warn(const cli_env *cli, const char *text) {
    if (cli->silent) {
        return;
    }
    cli_progress_clear();
    fprintf(stderr, "%swarning:%s %s\n", cli_colour_on(cli->colour_err, CLI_YELLOW),
            cli_colour_off(cli->colour_err), text);
}

void cli_warn_loaded(const cli_env *cli, const onus_evidence *evidence) {
    const onus_load_warning *warnings = evidence->warnings.items;
    for (size_t i = 0; i < evidence->warnings.n_items; i++) {
        cli_warn(cli, warnings[i].text);
    }
}

void cli_log(void *state, onus_log_level level, const char *text) {
    const cli_env *cli = state;
    if (level == ONUS_LOG_WARNING) {
        cli_warn(cli, text);
    } else if (level == ONUS_LOG_NOTE && !cli->silent) {
        cli_progress_clear();
        fprintf(stderr, "note: %s\n", text);
    }
}
