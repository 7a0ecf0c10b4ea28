/* The summary of a run: what a person at a terminal reads, on stdout.
 *
 * Title, one line per claim with its verdict and its sentence, then where the report is. The
 * sentences are the result's own; nothing is computed or rounded here. Called by cmd_try.c. */
#include "cli.h"

static cli_colour verdict_colour(onus_verdict verdict) {
    switch (verdict) {
    case ONUS_VERDICT_SUPPORTED:
        return CLI_GREEN;
    case ONUS_VERDICT_CONTRADICTED:
        return CLI_RED;
    case ONUS_VERDICT_NOT_SHOWN:
    case ONUS_VERDICT_NOT_TESTABLE:
        break;
    }
    return CLI_YELLOW;
}

void cli_summary(const cli_env *cli, const onus_result *result, const char *report_dir) {
    const bool colour = cli->colour_out;
    printf("%s%s%s\n\n", cli_colour_on(colour, CLI_BOLD), result->c->title, cli_colour_off(colour));
    for (size_t i = 0; i < result->n_claims; i++) {
        const onus_claim *claim = &result->claims[i];
        printf("%s%s%s: \"%s\"\n  %s\n", cli_colour_on(colour, verdict_colour(claim->verdict)),
               onus_verdict_text(claim->verdict), cli_colour_off(colour), claim->ref->say,
               claim->sentence);
    }
    if (result->n_claims == 0) {
        puts("the case makes no claim; the measures stand in the report");
    }
    printf("\nreport: %s/index.html\n", report_dir);
}
