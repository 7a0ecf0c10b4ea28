/* `onus new place DIR`: the teaching city, from seed to folder.
 *
 * The idea: the city is drawn, settled and lived in within memory; folder.c writes what stands
 * there.
 *
 * Called by the command line and by tests, which try the case and look for the planted answer.
 * Never overwrites anything. */
#include "onus/example.h"

#include "example_folder.h"
#include "example_internal.h"
#include "onus/alloc.h"

/* those of the burden case, the break-ins, two for every vendor, the feedback case */
enum { BREAKINS = 8, FIRST_OF_VENDORS, FEEDBACK = FIRST_OF_VENDORS + 2 * CITY_N_VENDORS, N_FILES };

static onus_status make_trials(city *c, example_file *files) {
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

static onus_status make_texts(void *state, example_file *files) {
    city *c = state;
    onus_status status = ONUS_OK;
    city_draw_map(c);
    city_settle(c);
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
out:
    return status;
}

onus_status onus_example_place(const char *dir, uint64_t seed, onus_error *err) {
    example_file files[N_FILES] = {{.name = "areas.geojson"},     {.name = "residents.csv"},
                                   {.name = "predictions.csv"},   {.name = "incidents.csv"},
                                   {.name = "case.yaml"},         {.name = "README.md"},
                                   {.name = "ANSWER.md"},         {.name = "answer.json"},
                                   {.name = "breakins.csv"},      {.name = "vendor_even.csv"},
                                   {.name = "case_even.yaml"},    {.name = "vendor_better.csv"},
                                   {.name = "case_better.yaml"},  {.name = "vendor_leaking.csv"},
                                   {.name = "case_leaking.yaml"}, {.name = "case_feedback.yaml"}};
    city *c = onus_alloc(sizeof *c);
    if (c == NULL) {
        return onus_fail_nomem(err);
    }
    c->seed = seed;
    const onus_status status = example_write(dir, files, N_FILES, make_texts, c, err);
    onus_free(c);
    return status;
}
