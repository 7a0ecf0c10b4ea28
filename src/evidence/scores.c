/* Scores without anything else: one file of comparisons of one person with himself or herself, one
 * of two people.
 *
 * A .npy file is mapped and used where it lies; any other source is read as a table of one column.
 * An empty score is a failure to acquire and stays. Who was compared is not known, so a trial of
 * such scores can say how often, but neither for whom nor on how many people. Called by load.c. */
#include <string.h>
#include <sys/mman.h>

#include "evidence_internal.h"
#include "onus/alloc.h"

/** Where one class goes. */
typedef struct score_target {
    const double **scores;
    size_t *n;
    void **map;
    size_t *map_len;
} score_target;

static onus_status read_table(onus_loading *loading, const onus_source *source, const char *column,
                              const score_target *target, onus_input *input) {
    const onus_column_ask ask = {.name = column, .type = ONUS_COLUMN_SCORE, .may_be_missing = true};
    onus_table table = {0};
    const onus_status status = onus_table_read(source, loading->c->data_dir, &ask, 1,
                                               loading->context, &table, input, loading->problems);
    if (status == ONUS_OK) {
        *target->scores = table.columns[0].numbers;
        *target->n = table.n_rows;
        table.columns[0].numbers = NULL;
    }
    onus_table_clear(&table);
    return status;
}

static onus_status map_array(onus_loading *loading, const onus_source *source,
                             const score_target *target, onus_input *input) {
    char *path = onus_source_path(loading->c->data_dir, source->file);
    input->file = onus_strdup(source->file);
    onus_status status = path == NULL || input->file == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    if (status == ONUS_OK) {
        status = onus_npy_map(path, source->file, target->scores, target->n, target->map,
                              target->map_len, input, loading->problems);
    }
    onus_free(path);
    return status;
}

static onus_status load_class(onus_loading *loading, const char *role, const onus_source *source,
                              const char *column, const score_target *target) {
    onus_input input = {.role = role};
    if (source->file == NULL) {
        return ONUS_OK;
    }
    const onus_status status = onus_is_npy(source->file)
                                   ? map_array(loading, source, target, &input)
                                   : read_table(loading, source, column, target, &input);
    return onus_settle_input(loading, &input, status);
}

onus_status onus_load_scores(onus_loading *loading) {
    const onus_scores_ref *ref = &loading->c->match.scores;
    onus_bare_scores *out = &loading->out->match.scores;
    const score_target genuine = {&out->genuine, &out->n_genuine, &out->genuine_map,
                                  &out->genuine_map_len};
    const score_target impostor = {&out->impostor, &out->n_impostor, &out->impostor_map,
                                   &out->impostor_map_len};
    const onus_status first =
        load_class(loading, "genuine scores", &ref->genuine, ref->genuine_score, &genuine);
    if (!onus_goes_on(first)) {
        return first;
    }
    const onus_status second =
        load_class(loading, "impostor scores", &ref->impostor, ref->impostor_score, &impostor);
    return first != ONUS_OK ? first : second;
}

static void clear_class(const double *scores, void *map, size_t map_len) {
    if (map != NULL) {
        (void)munmap(map, map_len);
    } else {
        onus_free((void *)(uintptr_t)scores);
    }
}

void onus_bare_scores_clear(onus_bare_scores *scores) {
    clear_class(scores->genuine, scores->genuine_map, scores->genuine_map_len);
    clear_class(scores->impostor, scores->impostor_map, scores->impostor_map_len);
    *scores = (onus_bare_scores){0};
}
