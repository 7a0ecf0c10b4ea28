/* The verbs: one table from which dispatch, `onus help`, `onus help VERB` and the tests of the man
 * page are made.
 *
 * A verb that design notes promise and this version lacks is named apart, so that asking for it
 * gets a plain sentence and not a guess at a typing error. Called by main.c and cmd_help.c. */
#include "cli.h"

#include <string.h>

#include "onus/alloc.h"
#include "onus/text.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { THREADS_MAX = 1024, REPLICATES_MIN = 1, REPLICATES_MAX = 1000000 };

static const cli_opt try_opts[] = {
    {.name = "data",
     .kind = CLI_OPT_TEXT,
     .value = "DIR",
     .doc = "where the case's relative paths start (default: the case file's folder)"},
    {.name = "output",
     .letter = 'o',
     .kind = CLI_OPT_TEXT,
     .value = "DIR",
     .doc = "folder of the report (default: <case name>-report); - prints results.json"},
    {.name = "json", .doc = "print results.json to stdout instead of writing a report"},
    {.name = "threads",
     .kind = CLI_OPT_WHOLE,
     .value = "N",
     .min = 1,
     .max = THREADS_MAX,
     .doc = "threads to use (default: all); the result is the same for any number"},
    {.name = "seed",
     .kind = CLI_OPT_WHOLE,
     .value = "N",
     .min = 0,
     .max = INT64_MAX,
     .doc = "seed of the random numbers, in place of protocol.seed"},
    {.name = "replicates",
     .kind = CLI_OPT_WHOLE,
     .value = "N",
     .min = REPLICATES_MIN,
     .max = REPLICATES_MAX,
     .doc = "resampling replicates, in place of protocol.resample.replicates"},
    {.name = "alone", .doc = "no ranks, also under mpirun: this process for itself"},
    {.name = "strict", .doc = "exit with 1 if some claim is not supported"},
    {.name = "force", .doc = "replace an older report"},
    {.name = "trace", .doc = "tell each stage on stderr: sizes, time, a hash of its output"},
};

static const cli_opt check_opts[] = {
    {.name = "data",
     .kind = CLI_OPT_TEXT,
     .value = "DIR",
     .doc = "where the case's relative paths start (default: the case file's folder)"},
};

static const cli_opt new_opts[] = {
    {.name = "seed",
     .kind = CLI_OPT_WHOLE,
     .value = "N",
     .min = 0,
     .max = INT64_MAX,
     .doc = "seed of the example (default: 1)"},
};

static const cli_opt explain_opts[] = {
    {.name = "markdown",
     .kind = CLI_OPT_TEXT,
     .value = "WHAT",
     .doc = "print a whole catalogue as Markdown; WHAT is measures or keys"},
    {.name = "schema", .doc = "print the JSON Schema of case files"},
};

static const cli_verb verbs[] = {
    {.name = "try",
     .synopsis = "CASE [options]",
     .summary = "run a trial and write its report",
     .about =
         "Reads the case, loads its evidence, measures, judges every claim, answers the board's\n"
         "questions, and writes a folder: index.html (one page that opens offline),\n"
         "results.json, tables/*.csv and areas.gpkg. A report that is there is never replaced\n"
         "without --force, and a run that fails leaves nothing half-written.\n"
         "Under mpirun the replicates are spread over all ranks and the first one writes: the "
         "same\n"
         "bytes as one process. mpirun -n 8 onus try CASE\n",
     .args_min = 1,
     .args_max = 1,
     .opts = try_opts,
     .n_opts = COUNT(try_opts),
     .run = cmd_try},
    {.name = "check",
     .synopsis = "CASE [options]",
     .summary = "read a case and its evidence, report every problem, run nothing",
     .about =
         "Reads the case file and every table and layer that it names, and prints the account:\n"
         "how many rows of each were read, used and excluded, and for which reason.\n",
     .args_min = 1,
     .args_max = 1,
     .opts = check_opts,
     .n_opts = COUNT(check_opts),
     .run = cmd_check},
    {.name = "new",
     .synopsis = "KIND DIR [options]",
     .summary = "write a worked example with a known answer (KIND: place, match, affect)",
     .about =
         "Writes a synthetic case into DIR, made by a seeded generator: a teaching city (place), "
         "a\n"
         "product that matches people over cameras (match) or one that labels emotions (affect);\n"
         "none of them exists. ANSWER.md tells the answer that was planted. It never writes into "
         "a\n"
         "folder that is there already.\n",
     .args_min = 2,
     .args_max = 2,
     .opts = new_opts,
     .n_opts = COUNT(new_opts),
     .run = cmd_new},
    {.name = "explain",
     .synopsis = "[MEASURE | KEY] [options]",
     .summary = "what a measure or a case key means",
     .about =
         "For a measure: formula, unit, interval, scope, reference. For a key of a case file:\n"
         "its type, default and meaning. Without a word: the list of all.\n",
     .args_min = 0,
     .args_max = 1,
     .opts = explain_opts,
     .n_opts = COUNT(explain_opts),
     .run = cmd_explain},
    {.name = "version",
     .synopsis = "",
     .summary = "print the version",
     .about =
         "Prints the version of onus, of its random number scheme, and of the MPI libraries that\n"
         "it can run over.\n",
     .run = cmd_version},
    {.name = "help",
     .synopsis = "[VERB]",
     .summary = "print this help, or that of one verb",
     .about = "Prints the verbs, or one verb with its options.\n",
     .args_min = 0,
     .args_max = 1,
     .run = cmd_help},
};

/* Promised by the design, built by later versions. */
static const char *const later[] = {"ledger", "serve", "selftest"};

const cli_verb *cli_verbs(size_t *n_verbs) {
    *n_verbs = COUNT(verbs);
    return verbs;
}

const cli_verb *cli_verb_find(const char *name) {
    for (size_t i = 0; i < COUNT(verbs); i++) {
        if (strcmp(verbs[i].name, name) == 0) {
            return &verbs[i];
        }
    }
    return NULL;
}

bool cli_verb_is_later(const char *name) {
    for (size_t i = 0; i < COUNT(later); i++) {
        if (strcmp(later[i], name) == 0) {
            return true;
        }
    }
    return false;
}

int cli_verb_unknown(cli_env *cli, const char *name) {
    if (cli_verb_is_later(name)) {
        return cli_usage(cli, "this version cannot '%s'; a later one will", name);
    }
    const char *names[COUNT(verbs)];
    for (size_t i = 0; i < COUNT(verbs); i++) {
        names[i] = verbs[i].name;
    }
    const char *nearest = onus_text_nearest(name, names, COUNT(verbs));
    if (nearest != NULL) {
        return cli_usage(cli, "unknown verb '%s'; did you mean '%s'?", name, nearest);
    }
    return cli_usage(cli, "unknown verb '%s'", name);
}
