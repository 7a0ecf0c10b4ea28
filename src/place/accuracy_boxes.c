/* Dated flags: not scored yet; accuracy.c keeps them out. */
#include "accuracy_internal.h"

onus_status acc_boxes(place_trial *t, accuracy *a) {
    (void)a;
    return onus_bug(t->err, "dated flags are not scored yet");
}
