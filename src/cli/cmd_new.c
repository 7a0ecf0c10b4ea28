/* onus new: writes a worked example into a folder of its own.
 *
 * The example room makes the tables; here are only the choice of the kind and what is said at the
 * end. It never writes into a folder that is there already. */
#include "cli.h"

#include <string.h>

#include "onus/text.h"

enum { SEED_DEFAULT = 1 };

static int refuse_kind(const cli_env *cli, const char *kind) {
    const char *names[8];
    size_t n = 0;
    const cli_trial *trials = cli_trials(&n);
    for (size_t i = 0; i < n; i++) {
        names[i] = trials[i].name;
        if (strcmp(kind, names[i]) == 0) {
            return cli_usage(cli, "this version cannot make a '%s' example; a later one will",
                             kind);
        }
    }
    const char *nearest = onus_text_nearest(kind, names, n);
    return nearest != NULL
               ? cli_usage(cli, "unknown kind '%s'; did you mean '%s'?", kind, nearest)
               : cli_usage(cli, "unknown kind '%s'; this version knows place, match and affect",
                           kind);
}

int cmd_new(cli_env *cli, const cli_args *args) {
    const char *kind = args->args[0];
    const char *dir = args->args[1];
    const cli_opt_value *seed = cli_opt_get(cli->verb, args, "seed");
    onus_error err = ONUS_ERROR_INIT;
    size_t n = 0;
    const cli_trial *trial = cli_trials(&n);
    const cli_trial *end = trial + n;
    while (trial < end && (strcmp(kind, trial->name) != 0 || trial->example == NULL)) {
        trial++;
    }
    if (trial == end) {
        return refuse_kind(cli, kind);
    }
    if (trial->example(dir, seed->given ? (uint64_t)seed->whole : SEED_DEFAULT, &err) != ONUS_OK) {
        return cli_fail(cli, &err);
    }
    printf("%s in %s; ANSWER.md tells what was planted.\n\n"
           "try it with: onus try %s/case.yaml\n",
           trial->example_is, dir, dir);
    return 0;
}
