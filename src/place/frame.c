/* The frame's one question: where in time an event stands. Called by the accuracy half and by the
 * methods of comparison. Never looks at a cell. */
#include "frame_internal.h"

size_t onus_frame_first_at(const onus_frame *frame, double time_s) {
    size_t low = 0;
    size_t high = frame->events.n_events;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (frame->events.unix_s[middle] < time_s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}
