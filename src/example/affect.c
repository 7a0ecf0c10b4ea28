/* `onus new affect DIR`: a made-up product that labels emotions, from seed to folder.
 *
 * The idea: what people reported, what the product said and what onlookers voted is drawn in memory
 * (reader_labels.c); the case, the list of files and the planted answer are texts (reader_words.c);
 * folder.c writes what stands there.
 *
 * Called by the command line and by tests, which try the case and look for what was planted.
 * Nothing of it infers an emotion: labels are drawn from a seed, and no such people exist. */
#include "onus/alloc.h"
#include "onus/example.h"
#include "reader_internal.h"

enum { PEOPLE, CLIPS, LABELS, FELT, VOTES, CASE, README, ANSWER, ANSWER_JSON, N_FILES };

static onus_status make_texts(void *state, example_file *files) {
    reader *r = state;
    reader_draw(r);
    reader_write_people(r, &files[PEOPLE].text);
    reader_write_clips(r, &files[CLIPS].text);
    reader_write_labels(r, &files[LABELS].text);
    reader_write_felt(r, &files[FELT].text);
    reader_write_votes(r, &files[VOTES].text);
    reader_write_case(r, &files[CASE].text);
    reader_write_readme(&files[README].text);
    reader_write_answer(r, &files[ANSWER].text);
    reader_write_answer_json(r, &files[ANSWER_JSON].text);
    return ONUS_OK; /* a text that ran out of memory knows it */
}

onus_status onus_example_affect(const char *dir, uint64_t seed, onus_error *err) {
    example_file files[N_FILES] = {
        [PEOPLE] = {.name = "people.csv"},      [CLIPS] = {.name = "clips.csv"},
        [LABELS] = {.name = "labels.csv"},      [FELT] = {.name = "felt.csv"},
        [VOTES] = {.name = "votes.csv"},        [CASE] = {.name = "case.yaml"},
        [README] = {.name = "README.md"},       [ANSWER] = {.name = "ANSWER.md"},
        [ANSWER_JSON] = {.name = "answer.json"}};
    reader *r = onus_alloc(sizeof *r);
    if (r == NULL) {
        return onus_fail_nomem(err);
    }
    r->seed = seed;
    const onus_status status = example_write(dir, files, N_FILES, make_texts, r, err);
    onus_free(r);
    return status;
}
