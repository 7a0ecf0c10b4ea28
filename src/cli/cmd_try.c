/* onus try: the program's table of contents.
 *
 *   (join ranks) -> read case -> load evidence -> try -> judge claims -> answer questions -> write
 *
 * One call per stage, one struct in, one struct out, no hidden state: onus_case (what was asked),
 * onus_evidence (what was loaded), onus_result (what was found). Whatever fails leaves through one
 * exit with everything released and nothing half-written. `--trace` tells each stage as it ends. */
#include "cli.h"

#include <string.h>

#include "onus/alloc.h"
#include "onus/claims.h"
#include "onus/model.h"
#include "onus/report.h"
#include "onus/text.h"

/* What the command line asked for, in the program's own terms. */
typedef struct run_opts {
    const char *case_path;
    const char *data_dir;
    char *report_dir;        /* owned; NULL: no report is written */
    char *command;           /* owned */
    onus_report_opts report; /* borrows the two above */
    bool print_json;
    bool strict;
    bool trace;
    int n_threads;
    const cli_opt_value *seed;
    const cli_opt_value *replicates;
} run_opts;

static void run_opts_clear(run_opts *opts) {
    onus_free(opts->report_dir);
    onus_free(opts->command);
}

/* "cases/modesto.yaml" -> "modesto-report" */
static char *default_report_dir(const char *case_path) {
    const char *base = onus_path_base(case_path);
    size_t len = strlen(base);
    if (onus_text_ends(base, ".yaml")) {
        len -= strlen(".yaml");
    } else if (onus_text_ends(base, ".yml")) {
        len -= strlen(".yml");
    }
    onus_text dir = {0};
    onus_text_add_len(&dir, base, len);
    onus_text_add(&dir, "-report");
    return onus_text_take(&dir);
}

/* The command as it could be typed again into a shell. */
static char *command_text(const cli_env *cli) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./=:,+@%";
    onus_text text = {0};
    onus_text_add(&text, "onus");
    for (int i = 1; i < cli->argc; i++) {
        const char *arg = cli->argv[i];
        onus_text_add(&text, " ");
        if (arg[0] != '\0' && strspn(arg, plain) == strlen(arg)) {
            onus_text_add(&text, arg);
            continue;
        }
        onus_text_add(&text, "'");
        for (; *arg != '\0'; arg++) {
            if (*arg == '\'') {
                onus_text_add(&text, "'\\''");
            } else {
                onus_text_add_len(&text, arg, 1);
            }
        }
        onus_text_add(&text, "'");
    }
    return onus_text_take(&text);
}

static onus_status read_opts(const cli_env *cli, const cli_args *args, run_opts *opts,
                             onus_error *err) {
    const cli_opt_value *output = cli_opt_get(cli->verb, args, "output");
    const bool to_stdout = output->given && strcmp(output->text, "-") == 0;
    opts->case_path = args->args[0];
    opts->data_dir = cli_opt_get(cli->verb, args, "data")->text;
    opts->print_json = cli_opt_get(cli->verb, args, "json")->given || to_stdout;
    opts->strict = cli_opt_get(cli->verb, args, "strict")->given;
    opts->trace = cli_opt_get(cli->verb, args, "trace")->given;
    opts->n_threads = (int)cli_opt_get(cli->verb, args, "threads")->whole;
    opts->seed = cli_opt_get(cli->verb, args, "seed");
    opts->replicates = cli_opt_get(cli->verb, args, "replicates");
    opts->command = command_text(cli);
    if (opts->command == NULL) {
        return onus_fail_nomem(err);
    }
    /* --json alone prints instead of writing; with a folder named as well, both are done. */
    if (!opts->print_json || (output->given && !to_stdout)) {
        opts->report_dir =
            output->given ? onus_strdup(output->text) : default_report_dir(opts->case_path);
        if (opts->report_dir == NULL) {
            return onus_fail_nomem(err);
        }
    }
    opts->report.dir = opts->report_dir;
    opts->report.command = opts->command;
    opts->report.replace = cli_opt_get(cli->verb, args, "force")->given;
    return ONUS_OK;
}

static void override_protocol(const run_opts *opts, onus_case *c) {
    if (opts->seed->given) {
        c->protocol.seed = (uint64_t)opts->seed->whole;
    }
    if (opts->replicates->given) {
        c->protocol.n_replicates = (uint32_t)opts->replicates->whole;
    }
}

static onus_status write_result(const run_opts *opts, const onus_result *result,
                                const onus_context *context, onus_error *err) {
    onus_status status = ONUS_OK;
    char *json = NULL;
    if (opts->report.dir != NULL) {
        ONUS_TRY(onus_report_write(result, &opts->report, context, err));
    }
    if (opts->print_json) {
        ONUS_TRY(onus_report_json(result, &json, err));
        fputs(json, stdout); /* main.c checks that it arrives */
    }
out:
    onus_free(json);
    return status;
}

static bool all_supported(const onus_result *result) {
    for (size_t i = 0; i < result->n_claims; i++) {
        if (result->claims[i].verdict != ONUS_VERDICT_SUPPORTED) {
            return false;
        }
    }
    return true;
}

int cmd_try(cli_env *cli, const cli_args *args) {
    onus_status status = ONUS_OK;
    onus_error err = ONUS_ERROR_INIT;
    onus_problems problems = {0};
    run_opts opts = {0};
    onus_case c = {0};
    onus_evidence evidence = {0};
    onus_result result = {0};
    onus_context context = {
        .log = cli_log, .log_state = cli, .progress = cli_progress, .progress_state = cli};
    cli_trace trace;
    int exit_code = 0;

    ONUS_TRY(read_opts(cli, args, &opts, &err));
    context.n_threads = opts.n_threads;
    context.stop = cli_interrupt_start(opts.report.dir);
    ONUS_TRY(cli_ranks_start(cli, &context, &err));
    if (opts.report.dir != NULL && !cli->silent) {
        ONUS_TRY(onus_report_check(&opts.report, &err));
    }
    cli_trace_start(&trace, opts.trace && !cli->silent);

    ONUS_TRY(onus_case_read(opts.case_path, opts.data_dir, &c, &problems));
    ONUS_TRY(cli_check_kind(&c, &err));
    ONUS_TRY(cli_check_claims(&c, &problems));
    override_protocol(&opts, &c);
    ONUS_TRY(cli_ranks_agree_case(&context, &c, &err));
    cli_trace_case(&trace, &c);

    ONUS_TRY(onus_evidence_load(&c, &context, &evidence, &problems));
    ONUS_TRY(cli_ranks_agree_evidence(&context, &evidence, &err));
    cli_warn_loaded(cli, &evidence);
    cli_trace_evidence(&trace, &evidence);

    onus_result_init(&result, &c, &evidence);
    ONUS_TRY(cli_trial_of(c.kind)->try_case(&c, &evidence, &context, &result, &err));
    cli_trace_result(&trace, "try", &result);

    ONUS_TRY(onus_claims_judge(&result, &err));
    cli_trace_result(&trace, "judge claims", &result);

    ONUS_TRY(cli_trial_of(c.kind)->answer(&result, &err));
    cli_trace_result(&trace, "answer questions", &result);

    ONUS_TRY(cli_ranks_agree_result(&context, &result, &err));
    cli_trace_ranks(&trace, &context);
    if (!cli_ranks_leave(&context)) {
        goto out; /* the first rank writes; nobody waits for it, so nobody's end can disturb it */
    }
    ONUS_TRY(write_result(&opts, &result, &context, &err));
    cli_trace_done(&trace, "write", opts.report.dir != NULL ? opts.report.dir : "stdout");

    cli_progress_clear();
    if (!opts.print_json) {
        cli_summary(cli, &result, opts.report.dir);
    }
    exit_code = opts.strict && !all_supported(&result) ? 1 : 0;
out:
    if (status != ONUS_OK && cli_ranks_fail(cli, &context, &status)) {
        exit_code = cli_fail_run(cli, status, &problems, &err);
        cli_ranks_sign(cli, &context);
    } else if (status != ONUS_OK) {
        exit_code = onus_status_exit_code(status);
    }
    (void)cli_ranks_leave(&context);
    onus_result_clear(&result);
    onus_evidence_clear(&evidence);
    onus_case_clear(&c);
    run_opts_clear(&opts);
    cli_interrupt_end();
    return exit_code;
}
