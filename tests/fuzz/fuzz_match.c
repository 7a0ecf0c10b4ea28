/* Any bytes as the tables of a match case: comparisons with columns of their own or with labels, a
 * search with its gallery, tracks, a MOTChallenge file. What loads must keep the promises of
 * onus/evidence_match.h, and load the same again.
 *
 * The first byte chooses the kind of table and what a bad row does; the rest is the file, which
 * stands for every table of the case. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "onus/alloc.h"
#include "onus/evidence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool fact) {
    if (!fact) {
        abort();
    }
}

static const char *const cases[] = {
    "comparisons: {file: '%s', invalid: %s, delimiter: ',', header: [l, s], score: s, higher_is: "
    "same, same: {column: l, yes: '1'}}",
    "comparisons: {file: '%s', invalid: %s, score: s, higher_is: same, probe: {id: p, person: a, "
    "camera: c, groups: {g: g}}, reference: {id: r, person: b, camera: d, groups: {g: h}}}",
    "sightings: {file: '%s', invalid: %s, id: p, person: a, groups: {g: g}}\n"
    "comparisons: {file: '%s', invalid: %s, score: s, higher_is: different, probe: p, reference: "
    "r}",
    "gallery: {file: '%s', invalid: %s, id: r, person: b, groups: {g: h}}\n"
    "searches: {file: '%s', invalid: %s, probe: p, reference: r, score: s, rank: k, probe_person: "
    "a}",
    "sightings: {file: '%s', invalid: %s, id: p, person: a, camera: c}\n"
    "searches: {file: '%s', invalid: %s, probe: p, reference: r, score: s}",
    "tracks: {truth: {file: '%s', invalid: %s, camera: c, frame: k, person: a, box: {x: s, y: s, "
    "w: "
    "s, h: s}}, output: {file: '%s', invalid: %s, camera: c, frame: k, person: p, box: {x: s, y: "
    "s, "
    "w: s, h: s}}}",
    "tracks: {format: mot, truth: {file: '%s', invalid: %s}, output: {file: '%s', invalid: %s}}",
};
enum { N_CASES = sizeof cases / sizeof cases[0] };

static void check_index(const int32_t *values, size_t n, int32_t low, size_t high) {
    for (size_t i = 0; i < n; i++) {
        must(values[i] >= low && (values[i] < 0 || (size_t)values[i] < high));
    }
}

static void check_comparisons(const onus_match_evidence *m) {
    const onus_sightings *s = &m->sightings;
    const onus_comparisons *c = &m->comparisons;
    check_index(c->probe, c->n_comparisons, 0, s->n_sightings);
    check_index(c->reference, c->n_comparisons, 0, s->n_sightings);
    check_index(s->person, s->n_sightings, -1, s->n_people);
    check_index(s->camera, s->n_sightings, -1, s->n_cameras);
    must(c->n_missing <= c->n_expected);
    must(!c->names_pairs || c->n_comparisons >= c->n_expected - c->n_missing);
    for (size_t i = 0; i < c->n_comparisons; i++) {
        must(!c->one_space || c->probe[i] != c->reference[i]);
        must(!c->knows_people ||
             (s->person[c->probe[i]] >= 0 && s->person[c->reference[i]] >= 0 &&
              (s->person[c->probe[i]] == s->person[c->reference[i]]) == (c->same[i] != 0)));
    }
    for (size_t g = 0; g < s->n_groupings; g++) {
        check_index(s->group[g], s->n_sightings, -1, s->groupings[g].n_values);
        for (size_t v = 0; v < s->groupings[g].n_values; v++) {
            must(v == 0 || strcmp(s->groupings[g].values[v - 1], s->groupings[g].values[v]) < 0);
            must(c->expected == NULL || c->missing[g][v] <= c->expected[g][v]);
        }
    }
}

static void check_searches(const onus_match_evidence *m) {
    const onus_searches *q = &m->searches;
    check_index(q->probe_person, q->n_probes, 0, m->sightings.n_people);
    check_index(q->entry_person, q->n_entries, 0, m->sightings.n_people);
    for (size_t p = 0; p < q->n_probes; p++) {
        must(q->start[p] <= q->start[p + 1]);
        check_index(q->entry + q->start[p], q->start[p + 1] - q->start[p], 0, q->n_entries);
        for (size_t i = q->start[p] + 1; i < q->start[p + 1]; i++) {
            must(q->rank == NULL || (q->rank[i - 1] >= 1 && q->rank[i - 1] <= q->rank[i]));
        }
    }
}

static void check_tracks(const onus_tracks *t, size_t n_cameras) {
    check_index(t->camera, t->n_boxes, 0, n_cameras);
    check_index(t->track, t->n_boxes, 0, t->n_tracks);
    for (size_t i = 0; i < t->n_boxes; i++) {
        must(t->w == NULL || (t->w[i] >= 0 && t->h[i] >= 0));
        must(i == 0 || t->camera[i - 1] < t->camera[i] ||
             (t->camera[i - 1] == t->camera[i] &&
              (t->frame[i - 1] < t->frame[i] ||
               (t->frame[i - 1] == t->frame[i] && t->track[i - 1] < t->track[i]))));
    }
}

static uint64_t mix(uint64_t hash, const void *bytes, size_t len) {
    const unsigned char *at = bytes;
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ at[i]) * UINT64_C(1099511628211); /* FNV-1a */
    }
    return hash;
}

static uint64_t load(const char *text) {
    onus_case c;
    static onus_problems problems;
    onus_evidence evidence = {0};
    uint64_t hash = 1;
    problems = (onus_problems){0};
    must(onus_case_parse(text, strlen(text), "fuzz.yaml", "/", &c, &problems) == ONUS_OK);
    const onus_status status = onus_evidence_load(&c, NULL, &evidence, &problems);
    must((status == ONUS_OK) == (problems.n_all == 0));
    if (status == ONUS_OK) {
        const onus_match_evidence *m = &evidence.match;
        const onus_input *inputs = evidence.inputs.items;
        for (size_t i = 0; i < evidence.inputs.n_items; i++) {
            must(onus_input_adds_up(&inputs[i]));
        }
        check_comparisons(m);
        check_searches(m);
        check_tracks(&m->truth, m->n_track_cameras);
        check_tracks(&m->output, m->n_track_cameras);
        hash = mix(hash, m->comparisons.probe, m->comparisons.n_comparisons * sizeof(int32_t));
        hash = mix(hash, m->searches.entry,
                   m->searches.n_probes == 0
                       ? 0
                       : m->searches.start[m->searches.n_probes] * sizeof(int32_t));
        hash = mix(hash, m->truth.frame, m->truth.n_boxes * sizeof(int64_t));
    }
    hash = mix(hash, &problems.n_all, sizeof problems.n_all);
    onus_evidence_clear(&evidence);
    onus_case_clear(&c);
    return hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0 || size > (1 << 20)) {
        return 0;
    }
    const int fd = memfd_create("table", 0);
    must(fd >= 0);
    size_t done = 1;
    while (done < size) {
        const ssize_t n = write(fd, data + done, size - done);
        must(n > 0);
        done += (size_t)n;
    }
    char path[64];
    char keys[1024];
    char text[1200];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    const char *invalid = (data[0] & 0x80U) != 0 ? "exclude" : "stop";
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)snprintf(keys, sizeof keys, cases[(data[0] & 0x7FU) % N_CASES], path, invalid, path,
                   invalid);
#pragma GCC diagnostic pop
    (void)snprintf(text, sizeof text,
                   "onus: 1\ntitle: T\nkind: match\nprotocol: {max_excluded: 100 %%}\n%s\n", keys);
    must(load(text) == load(text));
    (void)close(fd);
    return 0;
}
