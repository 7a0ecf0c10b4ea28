/* Comparisons summed by pair of people, once, so that every slice comes from the sums.
 *
 * A trial asks for the same rates over many slices: cameras, groups of both sides, thresholds. The
 * rows, which may be a hundred million, are read once; each falls on an atom (two people, their
 * classes, whether the cameras differ), found through a hash table of the atoms that occur. Every
 * slice is then a pass over the atoms. Atoms are sorted before they are handed on, so that nothing
 * later sees the order of the hash. Called by the match trial. Never keeps a row. */
#include "onus/stats_dyadic.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"

/* ---- the atoms that occur ---- */

typedef struct finder {
    const onus_pair_rows *rows;
    onus_pair_atom *atoms;
    uint64_t *n_match;
    size_t n_atoms;
    size_t atoms_cap;
    size_t *slots; /* 1 + index of an atom, 0: empty */
    size_t n_slots; /* a power of two, more than twice the atoms */
} finder;

static bool same_atom(const onus_pair_atom *a, const onus_pair_atom *b) {
    return a->probe_person == b->probe_person && a->reference_person == b->reference_person &&
           a->probe_class == b->probe_class && a->reference_class == b->reference_class &&
           a->cameras == b->cameras;
}

/* Finaliser of splitmix64 (Steele, Lea & Flood 2014): every bit of the key reaches every bit. */
static uint64_t mixed(uint64_t x) {
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static size_t slot_of(const finder *f, const onus_pair_atom *key) {
    const uint64_t people =
        (uint64_t)(uint32_t)key->probe_person << 32 | (uint32_t)key->reference_person;
    const uint64_t rest = (uint64_t)(uint32_t)key->probe_class << 34 |
                          (uint64_t)(uint32_t)key->reference_class << 2 | (uint64_t)key->cameras;
    size_t slot = (size_t)mixed(people + mixed(rest + 1)) & (f->n_slots - 1);
    while (f->slots[slot] != 0 && !same_atom(&f->atoms[f->slots[slot] - 1], key)) {
        slot = (slot + 1) & (f->n_slots - 1);
    }
    return slot;
}

static onus_status grow(finder *f) {
    const size_t cap = f->atoms_cap == 0 ? 1024 : 2 * f->atoms_cap;
    onus_pair_atom *atoms = onus_realloc_n(f->atoms, cap, sizeof *atoms);
    if (atoms == NULL) {
        return ONUS_ERR_NOMEM;
    }
    f->atoms = atoms;
    if (f->rows->n_thresholds > 0) {
        uint64_t *n_match = cap > SIZE_MAX / f->rows->n_thresholds
                                ? NULL
                                : onus_realloc_n(f->n_match, cap * f->rows->n_thresholds,
                                                 sizeof *n_match);
        if (n_match == NULL) {
            return ONUS_ERR_NOMEM;
        }
        f->n_match = n_match;
    }
    onus_free(f->slots);
    f->atoms_cap = cap;
    f->n_slots = 4 * cap;
    f->slots = onus_alloc_n(f->n_slots, sizeof *f->slots);
    if (f->slots == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t a = 0; a < f->n_atoms; a++) {
        f->slots[slot_of(f, &f->atoms[a])] = a + 1;
    }
    return ONUS_OK;
}

static onus_status find(finder *f, const onus_pair_atom *key, size_t *atom) {
    size_t slot = f->n_slots > 0 ? slot_of(f, key) : 0;
    if (f->n_slots > 0 && f->slots[slot] != 0) {
        *atom = f->slots[slot] - 1;
        return ONUS_OK;
    }
    if (f->n_atoms == f->atoms_cap) {
        const onus_status status = grow(f);
        if (status != ONUS_OK) {
            return status;
        }
        slot = slot_of(f, key);
    }
    *atom = f->n_atoms++;
    f->atoms[*atom] = *key;
    f->slots[slot] = f->n_atoms;
    const size_t n_thresholds = f->rows->n_thresholds;
    if (n_thresholds > 0) {
        memset(f->n_match + *atom * n_thresholds, 0, n_thresholds * sizeof *f->n_match);
    }
    return ONUS_OK;
}

/* ---- order ---- */

typedef struct placed {
    int32_t low;
    int32_t high;
    const onus_pair_atom *atom;
} placed;

static int three_way(int32_t a, int32_t b) {
    return (a > b) - (a < b);
}

static int by_pair(const void *pa, const void *pb) {
    const placed *a = pa;
    const placed *b = pb;
    const int32_t keys[][2] = {
        {a->low, b->low},
        {a->high, b->high},
        {a->atom->probe_person, b->atom->probe_person},
        {a->atom->probe_class, b->atom->probe_class},
        {a->atom->reference_class, b->atom->reference_class},
        {(int32_t)a->atom->cameras, (int32_t)b->atom->cameras},
    };
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
        if (keys[k][0] != keys[k][1]) {
            return three_way(keys[k][0], keys[k][1]);
        }
    }
    return 0;
}

/* Sorted copies of what was found. */
static onus_status hand_over(const finder *f, onus_pair_tally *out) {
    onus_status status = ONUS_ERR_NOMEM;
    const size_t n_thresholds = f->rows->n_thresholds;
    placed *order = onus_alloc_n(f->n_atoms, sizeof *order);
    out->atoms = onus_alloc_n(f->n_atoms, sizeof *out->atoms);
    out->n_match = onus_alloc_n(f->n_atoms, n_thresholds * sizeof *out->n_match);
    if (order == NULL || out->atoms == NULL || out->n_match == NULL) {
        goto out;
    }
    for (size_t a = 0; a < f->n_atoms; a++) {
        const onus_pair_atom *atom = &f->atoms[a];
        const bool up = atom->probe_person <= atom->reference_person;
        order[a] = (placed){.low = up ? atom->probe_person : atom->reference_person,
                            .high = up ? atom->reference_person : atom->probe_person,
                            .atom = atom};
    }
    qsort(order, f->n_atoms, sizeof *order, by_pair);
    for (size_t a = 0; a < f->n_atoms; a++) {
        out->atoms[a] = *order[a].atom;
        if (n_thresholds > 0) {
            const size_t from = (size_t)(order[a].atom - f->atoms);
            memcpy(out->n_match + a * n_thresholds, f->n_match + from * n_thresholds,
                   n_thresholds * sizeof *out->n_match);
        }
    }
    out->n_atoms = f->n_atoms;
    status = ONUS_OK;
out:
    onus_free(order);
    return status;
}

/* ---- the pass over the rows ---- */

static onus_status check_rows(const onus_pair_rows *rows) {
    if (rows->n_classes < 1 || rows->n_classes > INT32_MAX / 4 || rows->n_people > INT32_MAX) {
        return ONUS_ERR_DOMAIN;
    }
    for (size_t s = 0; s < rows->n_sightings; s++) {
        const int32_t person = rows->person[s];
        const int32_t class_ = rows->class_ != NULL ? rows->class_[s] : 0;
        if (person < -1 || (person >= 0 && (size_t)person >= rows->n_people) || class_ < 0 ||
            (size_t)class_ >= rows->n_classes) {
            return ONUS_ERR_DOMAIN;
        }
    }
    for (size_t t = 0; t < rows->n_thresholds; t++) {
        if (isnan(rows->thresholds[t])) {
            return ONUS_ERR_DOMAIN;
        }
    }
    return ONUS_OK;
}

static onus_pair_cameras cameras_of(const onus_pair_rows *rows, size_t probe, size_t reference) {
    if (rows->camera == NULL || rows->camera[probe] < 0 || rows->camera[reference] < 0) {
        return ONUS_CAMERAS_UNKNOWN;
    }
    return rows->camera[probe] == rows->camera[reference] ? ONUS_CAMERAS_SAME : ONUS_CAMERAS_OTHER;
}

static onus_status add_row(finder *f, size_t r, size_t *last, uint64_t *n_unknown) {
    const onus_pair_rows *rows = f->rows;
    if (rows->probe[r] < 0 || (size_t)rows->probe[r] >= rows->n_sightings ||
        rows->reference[r] < 0 || (size_t)rows->reference[r] >= rows->n_sightings) {
        return ONUS_ERR_DOMAIN;
    }
    const size_t probe = (size_t)rows->probe[r];
    const size_t reference = (size_t)rows->reference[r];
    const onus_pair_atom key = {
        .probe_person = rows->person[probe],
        .reference_person = rows->person[reference],
        .probe_class = rows->class_ != NULL ? rows->class_[probe] : 0,
        .reference_class = rows->class_ != NULL ? rows->class_[reference] : 0,
        .cameras = cameras_of(rows, probe, reference),
    };
    if (key.probe_person < 0 || key.reference_person < 0) {
        (*n_unknown)++;
        return ONUS_OK;
    }
    /* tables come by probe and by reference: the next row is often of the same two people */
    size_t atom = *last;
    if (atom >= f->n_atoms || !same_atom(&f->atoms[atom], &key)) {
        const onus_status status = find(f, &key, &atom);
        if (status != ONUS_OK) {
            return status;
        }
        *last = atom;
    }
    const double score = rows->score[r];
    if (isnan(score)) {
        f->atoms[atom].n_failed++;
        return ONUS_OK;
    }
    f->atoms[atom].n_acquired++;
    uint64_t *n_match = f->n_match + atom * rows->n_thresholds;
    for (size_t t = 0; t < rows->n_thresholds; t++) {
        n_match[t] += rows->higher_is_same ? score >= rows->thresholds[t]
                                           : score <= rows->thresholds[t];
    }
    return ONUS_OK;
}

onus_status onus_pairs_tally(const onus_pair_rows *rows, onus_pair_tally *out) {
    *out = (onus_pair_tally){.n_people = rows->n_people,
                             .n_classes = rows->n_classes,
                             .n_thresholds = rows->n_thresholds};
    finder f = {.rows = rows};
    onus_status status = ONUS_OK;
    size_t last = SIZE_MAX;
    ONUS_TRY(check_rows(rows));
    for (size_t r = 0; r < rows->n_rows; r++) {
        ONUS_TRY(add_row(&f, r, &last, &out->n_unknown));
    }
    ONUS_TRY(hand_over(&f, out));
out:
    onus_free(f.atoms);
    onus_free(f.n_match);
    onus_free(f.slots);
    return status;
}

void onus_pair_tally_clear(onus_pair_tally *tally) {
    onus_free(tally->atoms);
    onus_free(tally->n_match);
    *tally = (onus_pair_tally){0};
}

/* ---- slices ---- */

static bool takes_part(const onus_pair_slice *slice, const onus_pair_atom *atom) {
    if (slice->cameras != 0 && (slice->cameras & 1U << atom->cameras) == 0) {
        return false;
    }
    const bool same = atom->probe_person == atom->reference_person;
    if (slice->error == ONUS_FALSE_MATCH || slice->error == ONUS_FAILED_OTHER) {
        if (same) {
            return false;
        }
    } else if (slice->error != ONUS_FAILED && !same) {
        return false;
    }
    const uint8_t *left = slice->probe_classes;
    const uint8_t *right = slice->reference_classes;
    const int32_t p = atom->probe_class;
    const int32_t r = atom->reference_class;
    if ((left == NULL || left[p] != 0) && (right == NULL || right[r] != 0)) {
        return true;
    }
    return slice->orientation == ONUS_EITHER_WAY && (left == NULL || left[r] != 0) &&
           (right == NULL || right[p] != 0);
}

static void count_atom(const onus_pair_tally *tally, const onus_pair_slice *slice, size_t a,
                       uint64_t *n_comparisons, uint64_t *n_errors) {
    const onus_pair_atom *atom = &tally->atoms[a];
    if (slice->error != ONUS_FALSE_MATCH && slice->error != ONUS_FALSE_NONMATCH) {
        *n_comparisons = atom->n_acquired + atom->n_failed;
        *n_errors = atom->n_failed;
        return;
    }
    const uint64_t n_failed = slice->convention == ONUS_ACQUIRED_ONLY ? 0 : atom->n_failed;
    const uint64_t n_match = tally->n_match[a * tally->n_thresholds + slice->threshold] +
                             (slice->convention == ONUS_FAILED_AS_MATCH ? n_failed : 0);
    *n_comparisons = atom->n_acquired + n_failed;
    *n_errors = slice->error == ONUS_FALSE_MATCH ? n_match : *n_comparisons - n_match;
}

onus_status onus_dyads_of(const onus_pair_tally *tally, const onus_pair_slice *slice,
                          onus_dyads *out) {
    *out = (onus_dyads){.n_people = tally->n_people};
    const bool by_score =
        slice->error == ONUS_FALSE_MATCH || slice->error == ONUS_FALSE_NONMATCH;
    if (by_score && slice->threshold >= tally->n_thresholds) {
        return ONUS_ERR_DOMAIN;
    }
    out->pairs = onus_alloc_n(tally->n_atoms, sizeof *out->pairs);
    if (out->pairs == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t a = 0; a < tally->n_atoms; a++) {
        const onus_pair_atom *atom = &tally->atoms[a];
        if (!takes_part(slice, atom)) {
            continue;
        }
        uint64_t n_comparisons;
        uint64_t n_errors;
        count_atom(tally, slice, a, &n_comparisons, &n_errors);
        if (n_comparisons == 0) {
            continue;
        }
        const bool up = atom->probe_person <= atom->reference_person;
        const int32_t low = up ? atom->probe_person : atom->reference_person;
        const int32_t high = up ? atom->reference_person : atom->probe_person;
        onus_dyad *last = out->n_pairs > 0 ? &out->pairs[out->n_pairs - 1] : NULL;
        if (last == NULL || last->i != low || last->j != high) {
            last = &out->pairs[out->n_pairs++];
            *last = (onus_dyad){.i = low, .j = high};
        }
        last->n_comparisons += n_comparisons;
        last->n_errors += n_errors;
        out->n_comparisons += n_comparisons;
        out->n_errors += n_errors;
    }
    return ONUS_OK;
}

void onus_dyads_clear(onus_dyads *dyads) {
    onus_free(dyads->pairs);
    *dyads = (onus_dyads){0};
}
