/* onus help: the verbs, or one verb with its options, made from the table in verbs.c.
 *
 * Also what `onus`, `onus --help` and `onus VERB --help` print. It never runs anything. */
#include "cli.h"

#include <string.h>

#include "onus/version.h"

enum { VERB_WIDTH = 9, OPTION_WIDTH = 18 };

static const char exit_codes[] =
    "Exit: 0 done; 1 done, and with --strict some claim is not supported; 64 the command line is\n"
    "wrong; 65 the data or the case is wrong; 66 a file is missing; 70 a bug in onus; 71 out of\n"
    "memory or another resource; 73 or 74 cannot write or read; 130 interrupted.\n";

void cli_help_all(FILE *to) {
    size_t n_verbs = 0;
    const cli_verb *verbs = cli_verbs(&n_verbs);
    fprintf(to, "onus %s: puts claims about police technology on trial, from tables\n\nUsage:\n",
            onus_version());
    for (size_t i = 0; i < n_verbs; i++) {
        fprintf(to, "  onus %s%s%s\n", verbs[i].name, verbs[i].synopsis[0] != '\0' ? " " : "",
                verbs[i].synopsis);
    }
    fputs("\nVerbs:\n", to);
    for (size_t i = 0; i < n_verbs; i++) {
        fprintf(to, "  %-*s%s\n", VERB_WIDTH, verbs[i].name, verbs[i].summary);
    }
    fputs("\nBegin with:\n"
          "  onus new place city        write a teaching city with a known answer\n"
          "  onus try city/case.yaml    try it, and open case-report/index.html\n"
          "\nOptions of a verb: onus help VERB. Results go to stdout, messages to stderr. Colours\n"
          "appear on a terminal only, and not with --no-color or NO_COLOR.\n\n",
          to);
    fputs(exit_codes, to);
}

static void print_option(FILE *to, const cli_opt *opt) {
    char left[64];
    const char *space = opt->value != NULL ? " " : "";
    const char *value = opt->value != NULL ? opt->value : "";
    if (opt->letter != '\0') {
        snprintf(left, sizeof left, "-%c, --%s%s%s", opt->letter, opt->name, space, value);
    } else {
        snprintf(left, sizeof left, "--%s%s%s", opt->name, space, value);
    }
    fprintf(to, "  %-*s  %s\n", OPTION_WIDTH, left, opt->doc);
}

void cli_help_verb(FILE *to, const cli_verb *verb) {
    fprintf(to, "onus %s%s%s\n\n%s", verb->name, verb->synopsis[0] != '\0' ? " " : "",
            verb->synopsis, verb->about);
    fputs("\nOptions:\n", to);
    for (size_t i = 0; i < verb->n_opts; i++) {
        print_option(to, &verb->opts[i]);
    }
    const cli_opt no_color = {.name = "no-color", .doc = "no colours, also on a terminal"};
    const cli_opt help = {.name = "help", .letter = 'h', .doc = "print this"};
    print_option(to, &no_color);
    print_option(to, &help);
    fputc('\n', to);
    fputs(exit_codes, to);
}

int cmd_help(cli_env *cli, const cli_args *args) {
    if (args->n_args == 0) {
        cli_help_all(stdout);
        return 0;
    }
    const cli_verb *verb = cli_verb_find(args->args[0]);
    if (verb == NULL) {
        return cli_verb_unknown(cli, args->args[0]);
    }
    cli_help_verb(stdout, verb);
    return 0;
}
