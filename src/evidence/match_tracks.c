/* Tracks: boxes of the truth and of the product's output, by camera and frame.
 *
 * A table has columns as the case names them, or is a MOTChallenge file, whose columns are fixed
 * (frame, id, left, top, width, height, confidence, class, visibility) and which is one camera. In
 * a truth of that kind the seventh column is a flag, and rows flagged 0 are not to be evaluated; of
 * nine columns the eighth is the class, and only class 1 is a person on foot
 * (https://motchallenge.net/instructions/; Milan et al. 2016, arXiv:1603.00831). What the
 * benchmark's own tool does besides, taking output boxes out that lie on such rows, is not done: it
 * would be matching, and a box on a parked bicycle or a mannequin is a box on nobody. Both tables
 * number their cameras together; tracks are numbered in each by itself. Called by match_load.c.
 * Never links a box to another. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "match_internal.h"
#include "onus/alloc.h"

enum { FRAME, TRACK, N_FIXED, N_BOX = 4, MOT_COLUMNS_MIN = 6 };
enum { MOT_FLAG = 6, MOT_CLASS = 7, MOT_COLUMNS_WITH_CLASS = 9, MOT_CLASS_PERSON = 1 };

/* A share of the truth's boxes outside the frames of the output past which it is said. */
static const double OUTSIDE_SAID_FRAC = 0.05;

typedef struct reading {
    onus_match_loading *m;
    const onus_track_ref *ref;
    onus_input *input;
    onus_table table;
    size_t camera_ask;
    size_t box_ask;
    size_t flag_ask;
    bool has_camera;
    bool has_box;
    bool has_flag;
    bool has_class;
    uint8_t *keep;
    int32_t *camera_of; /* of each row, by first appearance; NULL: one camera */
} reading;

typedef struct box {
    int32_t camera;
    int32_t track;
    int64_t frame;
    uint32_t row;
} box;

/* ---- reading ---- */

/* The names of a MOTChallenge file's columns, as many as its first row has. */
static onus_status name_columns(const reading *in, onus_source *source) {
    static const char *const known[] = {"frame", "id",   "x",     "y",         "w",
                                        "h",     "conf", "class", "visibility"};
    enum { N_KNOWN = sizeof known / sizeof known[0] };
    char **first = NULL;
    size_t n = 0;
    const onus_loading *loading = in->m->loading;
    onus_status status =
        onus_table_names(source, loading->c->data_dir, &first, &n, loading->problems);
    for (size_t i = 0; first != NULL && i < n; i++) {
        onus_free(first[i]);
    }
    onus_free(first);
    ONUS_TRY(status);
    if (n < MOT_COLUMNS_MIN) {
        onus_problems_add(loading->problems, "too few columns", source->file, 1, 0,
                          "has %zu column%s; a MOTChallenge file has at least %d: frame, id, left, "
                          "top, width, height",
                          n, n == 1 ? "" : "s", MOT_COLUMNS_MIN);
        return ONUS_ERR_DATA;
    }
    source->header.items = onus_alloc_n(n, sizeof *source->header.items);
    if (source->header.items == NULL) {
        return ONUS_ERR_NOMEM;
    }
    source->header.n = n;
    for (size_t i = 0; i < n; i++) {
        onus_text name = {0};
        onus_text_addf(&name, "column %zu", i + 1);
        source->header.items[i] = onus_text_take(&name);
        if (i < N_KNOWN) {
            onus_free(source->header.items[i]);
            source->header.items[i] = onus_strdup(known[i]);
        }
        if (source->header.items[i] == NULL) {
            return ONUS_ERR_NOMEM;
        }
    }
out:
    return status;
}

static onus_status read_table(reading *in, bool is_truth) {
    const onus_case *c = in->m->loading->c;
    const bool is_mot = in->ref->format == ONUS_TRACKS_MOT;
    onus_source source = in->ref->source;
    onus_track_ref ref = *in->ref;
    onus_column_ask asks[N_FIXED + 1 + N_BOX + 2];
    onus_status status = ONUS_OK;
    size_t n = N_FIXED;
    if (is_mot) {
        source.header = (onus_strings){0};
        source.delimiter = ',';
        ONUS_TRY(name_columns(in, &source));
        char **names = source.header.items;
        ref = (onus_track_ref){.frame = names[0],
                               .person = names[1],
                               .box_x = names[2],
                               .box_y = names[3],
                               .box_w = names[4],
                               .box_h = names[5]};
    }
    asks[FRAME] = (onus_column_ask){.name = ref.frame, .type = ONUS_COLUMN_NUMBER};
    asks[TRACK] = (onus_column_ask){.name = ref.person, .type = ONUS_COLUMN_ID};
    in->camera_ask = n;
    if (ref.camera != NULL) {
        asks[n++] = (onus_column_ask){.name = ref.camera, .type = ONUS_COLUMN_ID};
    }
    in->box_ask = n;
    if (ref.box_x != NULL) {
        const char *const names[] = {ref.box_x, ref.box_y, ref.box_w, ref.box_h};
        for (size_t k = 0; k < N_BOX; k++) {
            asks[n++] = (onus_column_ask){.name = names[k], .type = ONUS_COLUMN_NUMBER};
        }
    }
    in->flag_ask = n;
    if (is_mot && is_truth && source.header.n > MOT_FLAG) {
        asks[n++] =
            (onus_column_ask){.name = source.header.items[MOT_FLAG], .type = ONUS_COLUMN_NUMBER};
        in->has_class = source.header.n == MOT_COLUMNS_WITH_CLASS;
    }
    if (in->has_class) {
        asks[n++] =
            (onus_column_ask){.name = source.header.items[MOT_CLASS], .type = ONUS_COLUMN_NUMBER};
    }
    ONUS_TRY(onus_table_read(&source, c->data_dir, asks, n, in->m->loading->context, &in->table,
                             in->input, in->m->loading->problems));
    in->has_camera = ref.camera != NULL;
    in->has_box = ref.box_x != NULL;
    in->has_flag = n > in->flag_ask;
out:
    for (size_t i = 0; is_mot && source.header.items != NULL && i < source.header.n; i++) {
        onus_free(source.header.items[i]);
    }
    if (is_mot) {
        onus_free(source.header.items);
    }
    return status;
}

/* ---- checking ---- */

static bool is_frame(double frame) {
    return fabs(frame) <= 9007199254740992.0 && frame == floor(frame); /* 2^53 */
}

/* Frames that are none and boxes without a size, each a problem or let go. */
static onus_status check_rows(reading *in) {
    onus_status status = ONUS_OK;
    const onus_table *table = &in->table;
    const bool stop = in->ref->source.invalid == ONUS_INVALID_STOP;
    const double *frame = table->columns[FRAME].numbers;
    const char *const sides[] = {"width", "height"};
    uint64_t n_frames = 0;
    uint64_t n_boxes = 0;
    for (size_t r = 0; r < table->n_rows; r++) {
        if (!is_frame(frame[r])) {
            in->keep[r] = 0;
            n_frames++;
            if (stop) {
                onus_problems_add(in->m->loading->problems, "not a frame", in->input->file,
                                  table->lines[r], 0, "the frame is '%.10g', not a whole number",
                                  frame[r]);
            }
            continue;
        }
        for (size_t k = 0; in->has_box && k < 2 && in->keep[r]; k++) {
            const double size = table->columns[in->box_ask + 2 + k].numbers[r];
            if (size >= 0) {
                continue;
            }
            in->keep[r] = 0;
            n_boxes++;
            if (stop) {
                onus_problems_add(in->m->loading->problems, "negative box", in->input->file,
                                  table->lines[r], 0, "the box's %s is '%.10g', below 0", sides[k],
                                  size);
            }
        }
    }
    ONUS_TRY(stop && n_frames + n_boxes > 0 ? ONUS_ERR_DATA : ONUS_OK);
    in->input->used -= n_frames + n_boxes;
    ONUS_TRY(onus_input_exclude(in->input, "not a frame", false, n_frames));
    ONUS_TRY(onus_input_exclude(in->input, "negative box", false, n_boxes));
out:
    return status;
}

/* Rows of a MOTChallenge truth that are not to be evaluated. */
static onus_status drop_unmarked(reading *in, onus_tracks *out) {
    onus_status status = ONUS_OK;
    uint64_t n_others = 0;
    if (!in->has_flag) {
        return ONUS_OK;
    }
    const double *flag = in->table.columns[in->flag_ask].numbers;
    for (size_t r = 0; r < in->table.n_rows; r++) {
        const bool is_other =
            in->has_class && in->table.columns[in->flag_ask + 1].numbers[r] != MOT_CLASS_PERSON;
        if (!in->keep[r] || (flag[r] != 0 && !is_other)) {
            continue;
        }
        in->keep[r] = 0;
        out->n_unmarked++;
        n_others += flag[r] != 0;
    }
    in->input->used -= out->n_unmarked;
    ONUS_TRY(onus_input_exclude(in->input, "flagged 0: not to be evaluated (MOTChallenge)", true,
                                out->n_unmarked - n_others));
    ONUS_TRY(
        onus_input_exclude(in->input, "of a class other than 1 (MOTChallenge)", true, n_others));
    if (out->n_unmarked > 0) {
        ONUS_TRY(onus_warn(&in->m->loading->out->warnings, "truth_not_evaluated",
                           "%s: %llu of %llu boxes are flagged 0 or of a class other than 1 and "
                           "were left out; boxes of the product that lie on them count as boxes on "
                           "nobody",
                           in->input->file, (unsigned long long)out->n_unmarked,
                           (unsigned long long)in->input->rows));
    }
out:
    return status;
}

/* ---- in order ---- */

static int by_place(const void *a, const void *b) {
    const box *x = a;
    const box *y = b;
    if (x->camera != y->camera) {
        return x->camera < y->camera ? -1 : 1;
    }
    if (x->frame != y->frame) {
        return x->frame < y->frame ? -1 : 1;
    }
    if (x->track != y->track) {
        return x->track < y->track ? -1 : 1;
    }
    return (x->row > y->row) - (x->row < y->row);
}

static bool is_repeat(const box *a, const box *b) {
    return a->camera == b->camera && a->frame == b->frame && a->track == b->track;
}

static bool equal_boxes(const reading *in, uint32_t a, uint32_t b) {
    for (size_t k = 0; in->has_box && k < N_BOX; k++) {
        const double *side = in->table.columns[in->box_ask + k].numbers;
        if (side[a] != side[b]) {
            return false;
        }
    }
    return true;
}

/* The first row of each camera, frame and track; what repeats it is let go: by choice where it says
 * the same, as an error of the file where it puts one track in two places. */
static onus_status drop_repeats(const reading *in, box *boxes, size_t n, onus_tracks *out) {
    onus_status status = ONUS_OK;
    uint64_t n_same = 0;
    size_t n_kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (n_kept > 0 && is_repeat(&boxes[n_kept - 1], &boxes[i])) {
            out->n_repeats++;
            n_same += equal_boxes(in, boxes[n_kept - 1].row, boxes[i].row);
            continue;
        }
        boxes[n_kept++] = boxes[i];
    }
    out->n_boxes = n_kept;
    in->input->used -= out->n_repeats;
    ONUS_TRY(onus_input_exclude(in->input, "repeats a box", true, n_same));
    ONUS_TRY(onus_input_exclude(in->input, "a second box of one track in one frame", false,
                                out->n_repeats - n_same));
    if (out->n_repeats > 0) {
        ONUS_TRY(onus_warn(&in->m->loading->out->warnings, "boxes_repeated",
                           "%s: %llu boxes whose camera, frame and track are there already were "
                           "left out (%llu of them at another place)",
                           in->input->file, (unsigned long long)out->n_repeats,
                           (unsigned long long)(out->n_repeats - n_same)));
    }
out:
    return status;
}

static onus_status take_boxes(const reading *in, const box *boxes, onus_tracks *out) {
    double **const sides[] = {&out->x, &out->y, &out->w, &out->h};
    const size_t n = out->n_boxes;
    out->camera = onus_alloc_n(n, sizeof *out->camera);
    out->frame = onus_alloc_n(n, sizeof *out->frame);
    out->track = onus_alloc_n(n, sizeof *out->track);
    if (out->camera == NULL || out->frame == NULL || out->track == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        out->camera[i] = boxes[i].camera;
        out->frame[i] = boxes[i].frame;
        out->track[i] = boxes[i].track;
    }
    for (size_t k = 0; in->has_box && k < N_BOX; k++) {
        double *side = onus_alloc_n(n, sizeof *side);
        *sides[k] = side;
        if (side == NULL) {
            return ONUS_ERR_NOMEM;
        }
        for (size_t i = 0; i < n; i++) {
            side[i] = in->table.columns[in->box_ask + k].numbers[boxes[i].row];
        }
    }
    return ONUS_OK;
}

static onus_status sort_boxes(reading *in, const int32_t *place, onus_tracks *out) {
    onus_status status = ONUS_OK;
    const onus_table *table = &in->table;
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): the table was read
    const double *frame = table->columns[FRAME].numbers;
    box *boxes = onus_alloc_n(table->n_rows, sizeof *boxes);
    int32_t *number = onus_alloc_n(table->n_texts, sizeof *number); /* of each text + 1 */
    size_t n = 0;
    if (boxes == NULL || number == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t r = 0; r < table->n_rows; r++) {
        if (!in->keep[r]) {
            continue;
        }
        int32_t *track = &number[table->columns[TRACK].texts[r]];
        if (*track == 0) {
            *track = (int32_t)++out->n_tracks;
        }
        boxes[n++] = (box){.camera = in->camera_of == NULL ? 0 : place[in->camera_of[r]],
                           .track = *track - 1,
                           .frame = (int64_t)frame[r],
                           .row = (uint32_t)r};
    }
    if (n > 1) {
        qsort(boxes, n, sizeof *boxes, by_place);
    }
    ONUS_TRY(drop_repeats(in, boxes, n, out));
    ONUS_TRY(take_boxes(in, boxes, out));
out:
    onus_free(boxes);
    onus_free(number);
    return status;
}

/* ---- the two together ---- */

typedef struct frames {
    int64_t first;
    int64_t last;
} frames;

static onus_status frames_of(const onus_tracks *tracks, size_t n_cameras, frames **out) {
    *out = onus_alloc_n(n_cameras, sizeof **out);
    if (*out == NULL) {
        return ONUS_ERR_NOMEM;
    }
    for (size_t c = 0; c < n_cameras; c++) {
        (*out)[c] = (frames){.first = INT64_MAX, .last = INT64_MIN};
    }
    for (size_t i = 0; i < tracks->n_boxes; i++) {
        frames *of = &(*out)[tracks->camera[i]];
        of->first = tracks->frame[i] < of->first ? tracks->frame[i] : of->first;
        of->last = tracks->frame[i] > of->last ? tracks->frame[i] : of->last;
    }
    return ONUS_OK;
}

/* Boxes at cameras or frames of which the other table has none. */
static void count_outside(const onus_tracks *tracks, const frames *other, uint64_t *n_cameras,
                          uint64_t *n_frames) {
    *n_cameras = 0;
    *n_frames = 0;
    for (size_t i = 0; i < tracks->n_boxes; i++) {
        const frames *of = &other[tracks->camera[i]];
        if (of->first > of->last) {
            ++*n_cameras;
        } else if (tracks->frame[i] < of->first || tracks->frame[i] > of->last) {
            ++*n_frames;
        }
    }
}

static onus_status compare_tables(const onus_match_loading *m) {
    onus_status status = ONUS_OK;
    const onus_match_evidence *match = m->out;
    onus_array *warnings = &m->loading->out->warnings;
    const onus_tracks *const tables[] = {&match->truth, &match->output};
    static const char *const names[] = {"true tracks", "product's tracks"};
    frames *of[2] = {NULL, NULL};
    for (size_t t = 0; t < 2; t++) {
        ONUS_TRY(frames_of(tables[t], match->n_track_cameras, &of[t]));
    }
    for (size_t t = 0; t < 2; t++) {
        uint64_t n_cameras = 0;
        uint64_t n_frames = 0;
        count_outside(tables[t], of[1 - t], &n_cameras, &n_frames);
        if (n_cameras > 0) {
            ONUS_TRY(onus_warn(warnings, "cameras_differ",
                               "%llu of %zu boxes of the %s are at cameras of which the %s have "
                               "none",
                               (unsigned long long)n_cameras, tables[t]->n_boxes, names[t],
                               names[1 - t]));
        }
        const double said = t == 0 ? OUTSIDE_SAID_FRAC * (double)tables[t]->n_boxes : 0;
        if ((double)n_frames > said) {
            ONUS_TRY(onus_warn(warnings, "frames_differ",
                               "%llu of %zu boxes of the %s lie before the first or after the "
                               "last frame of the %s at their camera",
                               (unsigned long long)n_frames, tables[t]->n_boxes, names[t],
                               names[1 - t]));
        }
    }
out:
    onus_free(of[0]);
    onus_free(of[1]);
    return status;
}

/* Reads one table as far as its rows go; cameras are numbered by first appearance. */
static onus_status read_tracks(reading *in, bool is_truth, onus_texts *cameras, onus_tracks *out) {
    onus_status status = ONUS_OK;
    ONUS_TRY(read_table(in, is_truth));
    in->keep = onus_alloc_n(in->table.n_rows, sizeof *in->keep);
    if (in->keep == NULL) {
        return ONUS_ERR_NOMEM;
    }
    memset(in->keep, 1, in->table.n_rows);
    ONUS_TRY(check_rows(in));
    ONUS_TRY(drop_unmarked(in, out));
    if (in->has_camera) {
        ONUS_TRY(onus_texts_take(cameras, &in->table, in->camera_ask, &in->camera_of));
    }
out:
    return status;
}

static void clear_reading(reading *in) {
    onus_table_clear(&in->table);
    onus_free(in->keep);
    onus_free(in->camera_of);
}

onus_status onus_load_tracks(onus_match_loading *m) {
    const onus_match_ref *ref = &m->loading->c->match;
    onus_match_evidence *out = m->out;
    if (ref->truth.source.file == NULL || ref->output.source.file == NULL) {
        return ONUS_OK;
    }
    onus_texts cameras = {0};
    int32_t *place = NULL;
    onus_input inputs[2] = {{.role = "true tracks"}, {.role = "tracks"}};
    reading in[2] = {{.m = m, .ref = &ref->truth, .input = &inputs[0]},
                     {.m = m, .ref = &ref->output, .input = &inputs[1]}};
    onus_tracks *const tables[] = {&out->truth, &out->output};
    onus_status read[2] = {ONUS_OK, ONUS_OK};
    onus_status status = ONUS_OK;
    for (size_t t = 0; t < 2 && onus_goes_on(status); t++) {
        read[t] = read_tracks(&in[t], t == 0, &cameras, tables[t]);
        status = read[t] != ONUS_OK && onus_goes_on(status) ? read[t] : status;
    }
    ONUS_TRY(status);
    if (!in[0].has_camera) { /* one camera that has no name */
        int32_t only = 0;
        ONUS_TRY(onus_texts_intern(&cameras, "", &only));
    }
    ONUS_TRY(onus_texts_sort(&cameras, &out->track_cameras, &place));
    out->n_track_cameras = cameras.table.n_texts;
    for (size_t t = 0; t < 2; t++) {
        ONUS_TRY(sort_boxes(&in[t], place, tables[t]));
    }
    ONUS_TRY(compare_tables(m));
out:
    for (size_t t = 0; t < 2; t++) {
        const onus_status settled =
            onus_settle_input(m->loading, &inputs[t], read[t] != ONUS_OK ? read[t] : status);
        status = status == ONUS_OK ? settled : status;
        clear_reading(&in[t]);
    }
    onus_texts_clear(&cameras);
    onus_free(place);
    return status;
}
