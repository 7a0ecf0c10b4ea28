/* --trace: what each stage of a run handed on, so that "where did this number come from" has a
 * mechanical answer.
 *
 * One line per stage on stderr: its name, sizes, milliseconds, and the first 16 hex digits of a
 * SHA-256 over its output. Two runs whose lines agree up to a stage did the same up to there. The
 * hash of a result is that of its results.json; the hash of evidence covers every loaded number.
 *
 * Called by cmd_try.c only; costs nothing without --trace, and never changes what it looks at. */
#include "cli.h"

#include <string.h>

#include "onus/alloc.h"
#include "onus/ranks.h"
#include "onus/report.h"
#include "onus/text.h"

enum { HASH_SHOWN = 16 };

void cli_trace_start(cli_trace *trace, bool on) {
    trace->on = on;
    trace->started_s = on ? cli_now_s() : 0.0;
}

/* Prints a stage and starts the clock of the next; the time spent hashing belongs to neither. */
static void print_stage(cli_trace *trace, const char *stage, double ended_s, const char *hash,
                        const char *sizes) {
    cli_progress_clear();
    fprintf(stderr, "trace: %-16s %9.1f ms  %.*s  %s\n", stage, 1e3 * (ended_s - trace->started_s),
            HASH_SHOWN, hash, sizes);
    trace->started_s = cli_now_s();
}

void cli_trace_case(cli_trace *trace, const onus_case *c) {
    if (trace->on) {
        char sizes[128];
        snprintf(sizes, sizeof sizes, "claims %zu, seed %llu, replicates %u", c->n_claims,
                 (unsigned long long)c->protocol.seed, c->protocol.n_replicates);
        print_stage(trace, "read case", cli_now_s(), c->sha256, sizes);
    }
}

/* Adds the digest of an array to the text that is hashed in the end. NULL counts as empty. */
static void add_digest(onus_text *digests, const void *items, size_t n_items, size_t size) {
    char digest[65];
    onus_sha256_bytes(items != NULL ? items : "", items != NULL ? n_items * size : 0, digest);
    onus_text_add(digests, digest);
}

static void add_layer(onus_text *digests, const onus_layer *layer) {
    for (size_t i = 0; i < layer->n_areas; i++) {
        add_digest(digests, layer->ids[i], strlen(layer->ids[i]), 1);
    }
    add_digest(digests, layer->source_x, layer->n_points, sizeof *layer->source_x);
    add_digest(digests, layer->source_y, layer->n_points, sizeof *layer->source_y);
    add_digest(digests, layer->x_m, layer->n_points, sizeof *layer->x_m);
    add_digest(digests, layer->y_m, layer->n_points, sizeof *layer->y_m);
}

static void add_people(onus_text *digests, const onus_people *people, size_t n_areas) {
    for (size_t u = 0; u < people->n_universes; u++) {
        const onus_universe *universe = &people->universes[u];
        add_digest(digests, universe->total, n_areas, sizeof *universe->total);
        for (size_t g = 0; g < universe->ref->n_groups; g++) {
            add_digest(digests, universe->groups[g], n_areas, sizeof(double));
        }
    }
}

/* Every loaded label, vote and index. */
static void add_affect(onus_text *digests, const onus_affect_evidence *affect) {
    const onus_items *items = &affect->items;
    const onus_said *said = &affect->said;
    const onus_votes *votes = &affect->votes;
    const size_t q = affect->domain.n_labels;
    add_digest(digests, items->person, items->n_items, sizeof *items->person);
    for (size_t g = 0; g < items->n_groupings; g++) {
        add_digest(digests, items->group[g], items->n_people, sizeof *items->group[g]);
    }
    add_digest(digests, said->item, said->n_rows, sizeof *said->item);
    add_digest(digests, said->label, said->n_rows, sizeof *said->label);
    add_digest(digests, said->repeat, said->n_rows, sizeof *said->repeat);
    add_digest(digests, said->version, said->n_rows, sizeof *said->version);
    add_digest(digests, said->scores, said->n_rows * q, sizeof *said->scores);
    add_digest(digests, affect->self_report.label, items->n_items, sizeof(int32_t));
    add_digest(digests, affect->intended.label, items->n_items, sizeof(int32_t));
    add_digest(digests, votes->item, votes->n_units, sizeof *votes->item);
    add_digest(digests, votes->counts, votes->n_units * q, sizeof *votes->counts);
    add_digest(digests, votes->rater, votes->n_votes, sizeof *votes->rater);
    add_digest(digests, votes->vote, votes->n_votes, sizeof *votes->vote);
}

void cli_evidence_digest(const onus_evidence *evidence, char out[65]) {
    const onus_flags *flags = &evidence->flags;
    const onus_outcomes *outcomes = &evidence->outcomes;
    onus_text digests = {0};
    add_layer(&digests, &evidence->areas);
    add_people(&digests, &evidence->people, evidence->areas.n_areas);
    add_digest(&digests, flags->x_m, flags->n_flags, sizeof *flags->x_m);
    add_digest(&digests, flags->y_m, flags->n_flags, sizeof *flags->y_m);
    add_digest(&digests, flags->area, flags->n_flags, sizeof *flags->area);
    add_digest(&digests, flags->day, flags->n_flags, sizeof *flags->day);
    add_digest(&digests, flags->counts, flags->n_flags, sizeof *flags->counts);
    add_layer(&digests, &flags->shapes);
    add_digest(&digests, outcomes->x_m, outcomes->n_outcomes, sizeof *outcomes->x_m);
    add_digest(&digests, outcomes->y_m, outcomes->n_outcomes, sizeof *outcomes->y_m);
    add_digest(&digests, outcomes->counts, outcomes->n_outcomes, sizeof *outcomes->counts);
    if (evidence->affect.domain.n_labels > 0) {
        add_affect(&digests, &evidence->affect);
    }
    snprintf(out, 65, "(out of memory)");
    if (!digests.failed) {
        onus_sha256_bytes(digests.data, digests.len, out);
    }
    onus_text_clear(&digests);
}

void cli_trace_evidence(cli_trace *trace, const onus_evidence *evidence) {
    if (!trace->on) {
        return;
    }
    const double ended_s = cli_now_s();
    char hash[65];
    cli_evidence_digest(evidence, hash);
    const onus_affect_evidence *affect = &evidence->affect;
    char sizes[128];
    if (affect->domain.n_labels > 0) {
        snprintf(sizes, sizeof sizes, "inputs %zu, items %zu, labels said %zu, units of votes %zu",
                 evidence->inputs.n_items, affect->items.n_items, affect->said.n_rows,
                 affect->votes.n_units);
    } else {
        snprintf(sizes, sizeof sizes, "inputs %zu, areas %zu, flags %zu, outcomes %zu",
                 evidence->inputs.n_items, evidence->areas.n_areas, evidence->flags.n_flags,
                 evidence->outcomes.n_outcomes);
    }
    print_stage(trace, "load evidence", ended_s, hash, sizes);
}

void cli_trace_result(cli_trace *trace, const char *stage, const onus_result *result) {
    if (!trace->on) {
        return;
    }
    const double ended_s = cli_now_s();
    char hash[65] = "(out of memory)";
    char *json = NULL;
    if (onus_report_json(result, &json, NULL) == ONUS_OK) {
        onus_sha256_bytes(json, strlen(json), hash);
    }
    onus_free(json);
    char sizes[128];
    snprintf(sizes, sizeof sizes, "measures %zu, claims %zu, questions %zu, series %zu",
             onus_result_n_measures(result), result->n_claims, result->questions.n_items,
             result->series.n_items);
    const size_t len = strlen(sizes);
    if (result->n_simulations > 0) {
        snprintf(sizes + len, sizeof sizes - len, ", simulations %zu", result->n_simulations);
    }
    print_stage(trace, stage, ended_s, hash, sizes);
}

void cli_trace_ranks(cli_trace *trace, const onus_context *context) {
    if (trace->on && context->ranks != NULL) {
        uint64_t n_meetings = 0;
        uint64_t n_bytes = 0;
        onus_ranks_tally(context->ranks, &n_meetings, &n_bytes);
        char sizes[128];
        snprintf(sizes, sizeof sizes,
                 "ranks %d, threads of each %d, meetings %llu, joined %llu bytes",
                 onus_ranks_n(context->ranks), context->n_threads, (unsigned long long)n_meetings,
                 (unsigned long long)n_bytes);
        print_stage(trace, "ranks agree", cli_now_s(), "----------------", sizes);
    }
}

void cli_trace_done(cli_trace *trace, const char *stage, const char *what) {
    if (trace->on) {
        print_stage(trace, stage, cli_now_s(), "----------------", what);
    }
}
