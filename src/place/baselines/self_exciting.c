/* Self-exciting point processes: crime as its own cause, for a while. Two published forms stand
 * behind one name; the options say which. Called by baseline.c. Does nothing itself. */
#include "onus/alloc.h"
#include "self_exciting_internal.h"

typedef struct exciting_state {
    const onus_baseline_methods *form;
    void *state;
} exciting_state;

static onus_status exciting_open(onus_baseline_kind kind, const onus_frame *frame,
                                 const onus_baseline_opts *opts, const onus_context *context,
                                 void **state, onus_error *err) {
    exciting_state *s = onus_alloc(sizeof *s);
    if (s == NULL) {
        return onus_fail_nomem(err);
    }
    s->form = opts->form == ONUS_SELF_EXCITING_KERNEL ? &self_exciting_kernel : &self_exciting_grid;
    const onus_status status = s->form->open(kind, frame, opts, context, &s->state, err);
    if (status != ONUS_OK) {
        onus_free(s);
        return status;
    }
    *state = s;
    return ONUS_OK;
}

static onus_status exciting_score(void *state, size_t w, double *score_by_cell, onus_error *err) {
    const exciting_state *s = state;
    return s->form->score(s->state, w, score_by_cell, err);
}

static void exciting_close(void *state) {
    exciting_state *s = state;
    if (s != NULL) {
        s->form->close(s->state);
        onus_free(s);
    }
}

const onus_baseline_methods onus_baseline_self_exciting = {exciting_open, exciting_score,
                                                           exciting_close};
