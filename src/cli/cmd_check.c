/* onus check: reads a case and all of its evidence and runs nothing.
 *
 * The same two calls that open every trial (cmd_try.c), then the account: for each input rows =
 * used + excluded, with the reasons. All problems of all inputs are reported, as in a trial. It
 * never writes a file. */
#include "cli.h"

#include "onus/model.h"
#include "onus/scalar.h"

static void print_input(const onus_input *input) {
    char rows[32];
    char used[32];
    onus_format_count((int64_t)input->rows, rows);
    onus_format_count((int64_t)input->used, used);
    printf("%-12s %s: %s rows, %s used\n", input->role, input->file, rows, used);
    for (size_t i = 0; i < input->n_excluded; i++) {
        const onus_exclusion *excluded = &input->excluded[i];
        onus_format_count((int64_t)excluded->rows, rows);
        printf("%-12s   %s excluded: %s%s\n", "", rows, excluded->reason,
               excluded->by_choice ? " (by choice or rule)" : "");
    }
}

static void print_account(const onus_case *c, const onus_evidence *evidence) {
    printf("%s\n\n", c->title);
    const onus_input *inputs = evidence->inputs.items;
    for (size_t i = 0; i < evidence->inputs.n_items; i++) {
        print_input(&inputs[i]);
    }
    printf("\n%s: %zu %s, no problem found\n", c->path, c->n_claims,
           c->n_claims == 1 ? "claim" : "claims");
}

int cmd_check(cli_env *cli, const cli_args *args) {
    onus_status status = ONUS_OK;
    onus_case c = {0};
    onus_evidence evidence = {0};
    onus_problems problems = {0};
    onus_error err = ONUS_ERROR_INIT;
    onus_context context = {.log = cli_log,
                            .log_state = cli,
                            .progress = cli_progress,
                            .progress_state = cli,
                            .stop = cli_interrupt_start(NULL)};

    ONUS_TRY(
        onus_case_read(args->args[0], cli_opt_get(cli->verb, args, "data")->text, &c, &problems));
    ONUS_TRY(cli_check_kind(&c, &err));
    ONUS_TRY(cli_check_claims(&c, &problems));
    ONUS_TRY(onus_evidence_load(&c, &context, &evidence, &problems));
    cli_warn_loaded(cli, &evidence);
    print_account(&c, &evidence);
out:;
    const int exit_code = status == ONUS_OK ? 0 : cli_fail_run(cli, status, &problems, &err);
    onus_evidence_clear(&evidence);
    onus_case_clear(&c);
    cli_interrupt_end();
    return exit_code;
}
