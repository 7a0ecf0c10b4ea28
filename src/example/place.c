/* `onus new place DIR`: the teaching city, from seed to folder.
 *
 * The idea: the folder is made first, so that one that is there is refused at once; the city is
 * drawn, settled and lived in within memory and then written file by file. A failure takes back the
 * folder and what was written, so that a folder is whole or absent.
 *
 * Called by the command line and by tests, which try the case and look for the planted answer.
 * Never overwrites anything. */
#include "onus/example.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "example_internal.h"
#include "onus/alloc.h"

/* those of the burden case, the break-ins, two for every vendor, the feedback case */
enum { BREAKINS = 8, FIRST_OF_VENDORS, FEEDBACK = FIRST_OF_VENDORS + 2 * CITY_N_VENDORS, N_FILES };

typedef struct city_file {
    const char *name;
    char *path; /* where it will stand */
    onus_text text;
} city_file;

static onus_status make_trials(city *c, city_file *files) {
    city_crime crime = {.spots = {.items = NULL}};
    onus_status status = ONUS_OK;
    ONUS_TRY(city_break_in(c, &crime));
    ONUS_TRY(city_write_breakins(&crime, &files[BREAKINS].text));
    c->n_breakins = crime.breakins.n_items;
    for (city_vendor v = 0; v < CITY_N_VENDORS; v++) {
        ONUS_TRY(city_write_vendor(c, &crime, v, &files[FIRST_OF_VENDORS + 2 * v].text));
        city_write_trial(c, v, &files[FIRST_OF_VENDORS + 2 * v + 1].text);
    }
out:
    city_crime_clear(&crime);
    return status;
}

static onus_status make_texts(city *c, city_file *files) {
    onus_status status = ONUS_OK;
    ONUS_TRY(make_trials(c, files));
    ONUS_TRY(city_write_areas(c, &files[0].text));
    ONUS_TRY(city_write_people(c, &files[1].text));
    ONUS_TRY(city_write_boxes(c, &files[2].text));
    ONUS_TRY(city_write_incidents(c, &files[3].text));
    city_write_case(c, &files[4].text);
    city_write_feedback(c, &files[FEEDBACK].text);
    city_write_readme(c, &files[5].text);
    city_write_answer(c, &files[6].text);
    city_write_answer_json(c, &files[7].text);
    for (size_t i = 0; i < N_FILES; i++) {
        if (files[i].text.failed) {
            status = ONUS_ERR_NOMEM;
        }
    }
out:
    return status;
}

static onus_status write_file(const char *path, const onus_text *text, onus_error *err) {
    FILE *file = fopen(path, "wbxe");
    if (file == NULL) {
        return onus_fail(err, ONUS_ERR_CANTCREATE, path, 0, 0, "cannot be created: %s",
                         strerrordesc_np(errno));
    }
    const size_t n = fwrite(text->data, 1, text->len, file);
    int number = n == text->len ? 0 : errno;
    if (fclose(file) != 0 && number == 0) {
        number = errno;
    }
    if (number != 0) {
        return onus_fail(err, ONUS_ERR_IO, path, 0, 0, "cannot be written: %s",
                         strerrordesc_np(number));
    }
    return ONUS_OK;
}

static void take_back(const char *dir, const city_file *files, size_t n) {
    for (size_t i = 0; i < n; i++) {
        (void)unlink(files[i].path);
    }
    (void)rmdir(dir);
}

/* The folder before the work that fills it: one that is there is refused at once. */
static onus_status make_folder(const char *dir, onus_error *err) {
    if (mkdir(dir, 0777) != 0) {
        return errno == EEXIST ? onus_fail(err, ONUS_ERR_CANTCREATE, dir, 0, 0,
                                           "is there already; name a folder that is not")
                               : onus_fail(err, ONUS_ERR_CANTCREATE, dir, 0, 0,
                                           "cannot be created: %s", strerrordesc_np(errno));
    }
    return ONUS_OK;
}

static onus_status write_files(const city_file *files, size_t *n_begun, onus_error *err) {
    onus_status status = ONUS_OK;
    for (*n_begun = 0; *n_begun < N_FILES && status == ONUS_OK; (*n_begun)++) {
        status = write_file(files[*n_begun].path, &files[*n_begun].text, err);
    }
    return status;
}

onus_status onus_example_place(const char *dir, uint64_t seed, onus_error *err) {
    city_file files[N_FILES] = {{.name = "areas.geojson"},     {.name = "residents.csv"},
                                {.name = "predictions.csv"},   {.name = "incidents.csv"},
                                {.name = "case.yaml"},         {.name = "README.md"},
                                {.name = "ANSWER.md"},         {.name = "answer.json"},
                                {.name = "breakins.csv"},      {.name = "vendor_even.csv"},
                                {.name = "case_even.yaml"},    {.name = "vendor_better.csv"},
                                {.name = "case_better.yaml"},  {.name = "vendor_leaking.csv"},
                                {.name = "case_leaking.yaml"}, {.name = "case_feedback.yaml"}};
    onus_status status = ONUS_OK;
    bool has_folder = false;
    size_t n_begun = 0;
    city *c = onus_alloc(sizeof *c);
    if (c == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    /* All that removing needs is there before anything is written. */
    for (size_t i = 0; i < N_FILES; i++) {
        files[i].path = onus_path_join(dir, files[i].name);
        if (files[i].path == NULL) {
            status = onus_fail_nomem(err);
            goto out;
        }
    }
    ONUS_TRY(make_folder(dir, err));
    has_folder = true;
    c->seed = seed;
    city_draw_map(c);
    city_settle(c);
    status = make_texts(c, files);
    if (status != ONUS_OK) {
        status = onus_fail_nomem(err);
        goto out;
    }
    ONUS_TRY(write_files(files, &n_begun, err));
out:
    if (status != ONUS_OK && has_folder) {
        take_back(dir, files, n_begun);
    }
    for (size_t i = 0; i < N_FILES; i++) {
        onus_text_clear(&files[i].text);
        onus_free(files[i].path);
    }
    onus_free(c);
    return status;
}
