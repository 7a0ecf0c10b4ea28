/* `onus new match DIR`: a made-up camera-matching product, from seed to folder.
 *
 * The idea: people, sightings and scores are drawn in memory (product_scores.c), so are trails
 * (product_trails.c); the case, the list of files and the planted answer are texts
 * (product_words.c); folder.c writes what stands there.
 *
 * Called by the command line and by tests, which try the case and look for what was planted. No
 * person, picture or product of these exists. */
#include "onus/alloc.h"
#include "onus/example.h"
#include "product_internal.h"

enum {
    SIGHTINGS,
    COMPARISONS,
    GALLERY,
    CANDIDATES,
    TRUTH,
    OUTPUT,
    CASE,
    README,
    ANSWER,
    ANSWER_JSON,
    N_FILES
};

static onus_status make_texts(void *state, example_file *files) {
    product *p = state;
    product_draw(p);
    product_write_sightings(p, &files[SIGHTINGS].text);
    product_write_comparisons(p, &files[COMPARISONS].text);
    product_write_gallery(p, &files[GALLERY].text);
    product_write_candidates(p, &files[CANDIDATES].text);
    product_write_truth(p, &files[TRUTH].text);
    product_write_output(p, &files[OUTPUT].text);
    product_write_case(p, &files[CASE].text);
    product_write_readme(p, &files[README].text);
    product_write_answer(p, &files[ANSWER].text);
    product_write_answer_json(p, &files[ANSWER_JSON].text);
    return ONUS_OK; /* a text that ran out of memory knows it */
}

onus_status onus_example_match(const char *dir, uint64_t seed, onus_error *err) {
    example_file files[N_FILES] = {
        [SIGHTINGS] = {.name = "sightings.csv"}, [COMPARISONS] = {.name = "comparisons.csv"},
        [GALLERY] = {.name = "gallery.csv"},     [CANDIDATES] = {.name = "candidates.csv"},
        [TRUTH] = {.name = "walks.csv"},         [OUTPUT] = {.name = "trails.csv"},
        [CASE] = {.name = "case.yaml"},          [README] = {.name = "README.md"},
        [ANSWER] = {.name = "ANSWER.md"},        [ANSWER_JSON] = {.name = "answer.json"}};
    product *p = onus_alloc(sizeof *p);
    if (p == NULL) {
        return onus_fail_nomem(err);
    }
    p->seed = seed;
    const onus_status status = example_write(dir, files, N_FILES, make_texts, p, err);
    onus_free(p);
    return status;
}
