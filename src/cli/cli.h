/* What the verbs share: the command line's environment, options, messages, progress, interruption.
 * Private to src/cli, the only room that prints, exits or reads the environment. */
#ifndef ONUS_CLI_H
#define ONUS_CLI_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "onus/context.h"
#include "onus/error.h"
#include "onus/model.h"
#include "onus/status.h"

/* ---- the environment of one command ---- */
typedef struct cli_env {
    int argc; /* the whole command as typed, for the report's provenance */
    char **argv;
    const struct cli_verb *verb;
    bool colour_out;
    bool colour_err;
    bool progress;  /* stderr is a terminal that can redraw a line */
    bool silent;    /* a rank that leaves talking to rank 0 */
    int n_launched; /* processes that mpirun says it started; 0: no mpirun */
    int mpi_first;  /* which MPI to look for first */
} cli_env;

/* ---- options ---- */
typedef enum cli_opt_kind { CLI_OPT_FLAG, CLI_OPT_TEXT, CLI_OPT_WHOLE } cli_opt_kind;

typedef struct cli_opt {
    const char *name; /* "replicates" */
    char letter;      /* 'o', or 0 */
    cli_opt_kind kind;
    const char *value; /* "DIR", or NULL for a flag */
    int64_t min;       /* CLI_OPT_WHOLE */
    int64_t max;
    const char *doc;
} cli_opt;

typedef struct cli_opt_value {
    bool given;
    const char *text;
    int64_t whole;
} cli_opt_value;

enum { CLI_OPTS_MAX = 16, CLI_ARGS_MAX = 4 };

typedef struct cli_args {
    cli_opt_value opts[CLI_OPTS_MAX]; /* in the order of the verb's table */
    const char *args[CLI_ARGS_MAX];
    size_t n_args;
    bool help;
} cli_args;

/* ---- verbs ---- */
typedef struct cli_verb {
    const char *name;
    const char *synopsis; /* "CASE [options]" */
    const char *summary;  /* one line, for `onus help` */
    const char *about;    /* paragraphs, for `onus help VERB` */
    size_t args_min;
    size_t args_max;
    const cli_opt *opts;
    size_t n_opts;
    /* @return the exit code */
    int (*run)(cli_env *cli, const cli_args *args);
} cli_verb;

const cli_verb *cli_verbs(size_t *n_verbs);
const cli_verb *cli_verb_find(const char *name);
/** Names that CLI.md promises and this version does not have yet. */
bool cli_verb_is_later(const char *name);
/** 64 with a message for a word that is no verb. */
int cli_verb_unknown(cli_env *cli, const char *name);
/** One kind of trial. try_case, answer and example NULL: this version does not have it. */
typedef struct cli_trial {
    onus_kind kind;
    const char *name;
    const onus_measure_def *(*measures)(size_t *n_measures);
    onus_status (*try_case)(const onus_case *c, const onus_evidence *evidence,
                            const onus_context *context, onus_result *result, onus_error *err);
    onus_status (*answer)(onus_result *result, onus_error *err);
    onus_status (*example)(const char *dir, uint64_t seed, onus_error *err);
    const char *example_is; /* "A teaching city stands" */
} cli_trial;
const cli_trial *cli_trials(size_t *n_trials);
const cli_trial *cli_trial_of(onus_kind kind);
/** The measures of all trials, one catalogue; free with onus_free. NULL: no memory. */
onus_measure_def *cli_measures(size_t *n_defs) ONUS_MUST_USE;
/** ONUS_ERR_USAGE for a case that is right, but of a kind that this version does not try. */
onus_status cli_check_kind(const onus_case *c, onus_error *err) ONUS_MUST_USE;
/** ONUS_ERR_DATA, with a problem for each claim whose measure is no known one. */
onus_status cli_check_claims(const onus_case *c, onus_problems *problems) ONUS_MUST_USE;
void cli_help_all(FILE *to);
void cli_help_verb(FILE *to, const cli_verb *verb);

int cmd_try(cli_env *cli, const cli_args *args);
int cmd_check(cli_env *cli, const cli_args *args);
int cmd_new(cli_env *cli, const cli_args *args);
int cmd_explain(cli_env *cli, const cli_args *args);
int cmd_version(cli_env *cli, const cli_args *args);
int cmd_help(cli_env *cli, const cli_args *args);

/**
 * Reads the arguments after the verb. Options may stand anywhere; `--name value`, `--name=value`,
 * `-o value`, `-ovalue`; `--` ends them; a lone `-` is an argument.
 * @param[out] args  untouched parts are zero
 * @return ONUS_OK or ONUS_ERR_USAGE with a message
 */
onus_status cli_args_parse(const cli_verb *verb, int argc, char **argv, cli_args *args,
                           onus_error *err) ONUS_MUST_USE;
/** The value of an option by its name; the verb must have it in its table. */
const cli_opt_value *cli_opt_get(const cli_verb *verb, const cli_args *args, const char *name);

/* ---- messages on stderr ---- */
/** One error in full; returns the exit code of its status. */
int cli_fail(const cli_env *cli, const onus_error *err);
/** The first problems in full, then a count by kind; returns their exit code. */
int cli_fail_problems(const cli_env *cli, const onus_problems *problems);
/** The failure of a run: its problems where there are some, else `err` (may be NULL), else the
 *  status's own text; returns the exit code. */
int cli_fail_run(const cli_env *cli, onus_status status, const onus_problems *problems,
                 const onus_error *err);
/** "onus VERB: error: ...", with a pointer to the help; returns 64. */
int cli_usage(const cli_env *cli, const char *fmt, ...) ONUS_PRINTF(2, 3);
void cli_warn(const cli_env *cli, const char *text);
/** The sink for onus_context.log; state is the cli. */
void cli_log(void *state, onus_log_level level, const char *text);
/** What loading found odd but not wrong. */
void cli_warn_loaded(const cli_env *cli, const onus_evidence *evidence);

typedef enum cli_colour { CLI_PLAIN, CLI_BOLD, CLI_RED, CLI_GREEN, CLI_YELLOW } cli_colour;
/** The escape that starts a colour, or "" where colours are off. */
const char *cli_colour_on(bool enabled, cli_colour colour);
const char *cli_colour_off(bool enabled);

/* ---- progress on a terminal ---- */
/** The sink for onus_context.progress; state is the cli. Draws at most ten times a second. */
void cli_progress(void *state, const char *stage, uint64_t done, uint64_t total);
/** Removes the bar, if one stands, so that a message can be printed. */
void cli_progress_clear(void);
/** Seconds of a clock that only goes forward; for the bar and for --trace. */
double cli_now_s(void);

/* ---- ranks under mpirun; without it each of these does nothing ---- */
/** Reads from the environment whether a launcher started this as one of several. */
void cli_ranks_look(cli_env *cli);
/** Before a process of several leaves with an error that all have, without having joined: rank 0
 *  leaves first. */
void cli_ranks_let_speak(const cli_env *cli);
/** Joins the other ranks: context->ranks, and its number of threads if none was asked for.
 * ERR_LIMIT where this onus or this machine has no such MPI. */
onus_status cli_ranks_start(cli_env *cli, onus_context *context, onus_error *err) ONUS_MUST_USE;
/** All ranks run the same program on the same case, and compute alike. ERR_DATA. */
onus_status cli_ranks_agree_case(const onus_context *context, const onus_case *c,
                                 onus_error *err) ONUS_MUST_USE;
/** All ranks have read the same bytes. ERR_DATA. */
onus_status cli_ranks_agree_evidence(const onus_context *context, const onus_evidence *evidence,
                                     onus_error *err) ONUS_MUST_USE;
/** All ranks have found the same. ERR_BUG. */
onus_status cli_ranks_agree_result(const onus_context *context, const onus_result *result,
                                   onus_error *err) ONUS_MUST_USE;
/** This rank's run has failed with *status: tells the others; true if this rank is to say why.
 *  *status becomes the failure of the run. */
bool cli_ranks_fail(cli_env *cli, const onus_context *context, onus_status *status) ONUS_MUST_USE;
/** After a message of another rank than 0: whose it was. */
void cli_ranks_sign(const cli_env *cli, const onus_context *context);
/** Leaves the other ranks; true for the one that writes. A second call does nothing. */
bool cli_ranks_leave(onus_context *context);
/** The MPI libraries that this onus can run over, a line each. */
void cli_ranks_print_versions(FILE *to);

/* ---- interruption ---- */
/** From now on the first SIGINT or SIGTERM raises the flag returned; a second one removes the
 *  half-written report of `dir` (borrowed, may be NULL) and exits at once with 130. */
volatile sig_atomic_t *cli_interrupt_start(const char *dir);
/** From true to false the ranks of a run come together: the first signal then ends the process, and
 *  so does waiting for five minutes. */
void cli_interrupt_joining(const cli_env *cli, bool joining);
void cli_interrupt_end(void);

/* ---- --trace ---- */
typedef struct cli_trace {
    bool on;
    double started_s;
} cli_trace;
void cli_trace_start(cli_trace *trace, bool on);
void cli_trace_case(cli_trace *trace, const onus_case *c);
void cli_trace_evidence(cli_trace *trace, const onus_evidence *evidence);
/** SHA-256 over every loaded number. */
void cli_evidence_digest(const onus_evidence *evidence, char out[65]);
void cli_trace_ranks(cli_trace *trace, const onus_context *context);
void cli_trace_result(cli_trace *trace, const char *stage, const onus_result *result);
void cli_trace_done(cli_trace *trace, const char *stage, const char *what);

/* ---- the summary of a run on stdout ---- */
void cli_summary(const cli_env *cli, const onus_result *result, const char *report_dir);

#endif
