/* Identity, CLEAR and HOTA against every assignment there is, on small tables. */
#include "../fault.h"
#include "boxes.h"
#include "near.h"

#include <string.h>

enum { N_TRUE = 4, N_OUTPUT = 4, N_MOMENTS = 9 };

/* The greatest total over all one-to-one assignments, some left alone: row by row, every column. */
static double best_total(const double *gain, int row, unsigned taken, int *best) {
    if (row >= N_TRUE) {
        return 0.0;
    }
    int kept[N_TRUE] = {-1, -1, -1, -1};
    double most = best_total(gain, row + 1, taken, best);
    best[row] = -1;
    for (int c = 0; c < N_OUTPUT; c++) {
        const double here = gain[row * N_OUTPUT + c];
        if ((taken >> c & 1U) != 0 || !(here > 0.0)) {
            continue;
        }
        const double total = here + best_total(gain, row + 1, taken | 1U << c, kept);
        if (total > most) {
            most = total;
            memcpy(best, kept, sizeof kept); /* rows before this one are set by their callers */
            best[row] = c;
        }
    }
    return most;
}

static double plain_iou(const onus_boxes *a, size_t i, const onus_boxes *b, size_t j) {
    const double w = fmin(a->x[i] + a->w[i], b->x[j] + b->w[j]) - fmax(a->x[i], b->x[j]);
    const double h = fmin(a->y[i] + a->h[i], b->y[j] + b->h[j]) - fmax(a->y[i], b->y[j]);
    const double both = fmax(w, 0) * fmax(h, 0);
    return both / (a->w[i] * a->h[i] + b->w[j] * b->h[j] - both);
}

/* [moment][true identity][output track]; -1: not both are there */
typedef struct grid {
    double at[N_MOMENTS][N_TRUE][N_OUTPUT];
} grid;

static void make_grid(const onus_boxes *truth, const onus_boxes *output, grid *iou) {
    for (int m = 0; m < N_MOMENTS; m++) {
        for (int t = 0; t < N_TRUE; t++) {
            for (int p = 0; p < N_OUTPUT; p++) {
                iou->at[m][t][p] = -1.0;
            }
        }
    }
    for (size_t i = 0; i < truth->n_boxes; i++) {
        for (size_t j = 0; j < output->n_boxes; j++) {
            if (truth->frame[i] == output->frame[j]) {
                iou->at[truth->frame[i]][truth->track[i]][output->track[j]] =
                    plain_iou(truth, i, output, j);
            }
        }
    }
}

static void identity_by_hand(const grid *iou, const onus_identity *got) {
    double gain[N_TRUE * N_OUTPUT] = {0};
    for (int m = 0; m < N_MOMENTS; m++) {
        for (int k = 0; k < N_TRUE * N_OUTPUT; k++) {
            gain[k] += iou->at[m][k / N_OUTPUT][k % N_OUTPUT] >= 0.5;
        }
    }
    int best[N_TRUE];
    assert_true((double)got->tp == best_total(gain, 0, 0, best));
}

static void clear_by_hand(const grid *iou, const onus_boxes *truth, const onus_boxes *output,
                          const onus_clear *got) {
    int last[N_TRUE] = {0};
    int before[N_TRUE] = {0};
    uint64_t tp = 0;
    uint64_t switches = 0;
    double sum = 0.0;
    for (int m = 0; m < N_MOMENTS; m++) {
        double gain[N_TRUE * N_OUTPUT];
        bool both = false;
        for (int k = 0; k < N_TRUE * N_OUTPUT; k++) {
            const double here = iou->at[m][k / N_OUTPUT][k % N_OUTPUT];
            both = both || here >= 0.0;
            gain[k] = here >= 0.5 ? here + 1000 * (before[k / N_OUTPUT] == k % N_OUTPUT + 1) : 0;
        }
        if (!both) {
            continue;
        }
        int best[N_TRUE];
        (void)best_total(gain, 0, 0, best);
        memset(before, 0, sizeof before);
        for (int t = 0; t < N_TRUE; t++) {
            if (best[t] >= 0) {
                tp++;
                sum += iou->at[m][t][best[t]];
                switches += last[t] != 0 && last[t] != best[t] + 1;
                before[t] = best[t] + 1;
                last[t] = best[t] + 1;
            }
        }
    }
    assert_int_equal(got->tp, tp);
    assert_int_equal(got->fn, truth->n_boxes - tp);
    assert_int_equal(got->fp, output->n_boxes - tp);
    assert_int_equal(got->id_switches, switches);
    assert_near(got->iou_sum, sum, 1e-12);
    assert_int_equal(got->mostly_tracked + got->partly_tracked + got->mostly_lost, N_TRUE);
}

static void hota_by_hand(const grid *iou, const onus_overlaps *o, const onus_hota *got) {
    double together[N_TRUE * N_OUTPUT] = {0};
    for (int m = 0; m < N_MOMENTS; m++) {
        for (int t = 0; t < N_TRUE; t++) {
            for (int p = 0; p < N_OUTPUT; p++) {
                double all = -fmax(iou->at[m][t][p], 0);
                for (int k = 0; k < N_TRUE; k++) {
                    all += fmax(iou->at[m][k][p], 0);
                }
                for (int k = 0; k < N_OUTPUT; k++) {
                    all += fmax(iou->at[m][t][k], 0);
                }
                together[t * N_OUTPUT + p] += all > 1e-15 ? fmax(iou->at[m][t][p], 0) / all : 0;
            }
        }
    }
    double matches[ONUS_HOTA_ALPHAS][N_TRUE * N_OUTPUT] = {{0}};
    for (int m = 0; m < N_MOMENTS; m++) {
        double gain[N_TRUE * N_OUTPUT];
        for (int k = 0; k < N_TRUE * N_OUTPUT; k++) {
            const double c = together[k];
            gain[k] = fmax(iou->at[m][k / N_OUTPUT][k % N_OUTPUT], 0) * c /
                      ((double)o->truth_boxes[k / N_OUTPUT] + o->output_boxes[k % N_OUTPUT] - c);
        }
        int best[N_TRUE];
        (void)best_total(gain, 0, 0, best);
        for (int a = 0; a < ONUS_HOTA_ALPHAS; a++) {
            for (int t = 0; t < N_TRUE; t++) {
                if (best[t] >= 0 && iou->at[m][t][best[t]] >= 0.05 * (a + 1) - 1e-15) {
                    matches[a][t * N_OUTPUT + best[t]]++;
                }
            }
        }
    }
    for (int a = 0; a < ONUS_HOTA_ALPHAS; a++) {
        double tp = 0.0;
        double ass = 0.0;
        for (int k = 0; k < N_TRUE * N_OUTPUT; k++) {
            const double n = matches[a][k];
            tp += n;
            ass +=
                n > 0
                    ? n * n /
                          ((double)o->truth_boxes[k / N_OUTPUT] + o->output_boxes[k % N_OUTPUT] - n)
                    : 0;
        }
        assert_true((double)got->tp[a] == tp);
        assert_near(got->at[a].assa, ass / fmax(tp, 1), 1e-13);
    }
}

static void small_tables_come_out_as_every_assignment_tried_by_hand(void **state) {
    (void)state;
    uint64_t seed = 40;
    for (int trial = 0; trial < test_mult(150); trial++) {
        static box_table truth;
        static box_table output;
        static grid iou;
        box_table_draw(&truth, &seed, N_MOMENTS, N_TRUE);
        box_table_draw(&output, &seed, N_MOMENTS, N_OUTPUT);
        onus_overlaps o;
        onus_identity identity;
        onus_clear clear;
        onus_hota hota;
        uint32_t tp_of[N_TRUE];
        uint32_t clear_of[N_TRUE];
        uint32_t switches_of[N_TRUE];
        onus_hota_share share_of[N_TRUE];
        assert_int_equal(onus_overlaps_make(&truth.boxes, &output.boxes, &o, NULL), ONUS_OK);
        assert_int_equal(onus_identity_measure(&o, &identity, tp_of), ONUS_OK);
        assert_int_equal(onus_clear_measure(&o, &clear, clear_of, switches_of), ONUS_OK);
        assert_int_equal(onus_hota_measure(&o, &hota, share_of), ONUS_OK);
        make_grid(&truth.boxes, &output.boxes, &iou);
        identity_by_hand(&iou, &identity);
        clear_by_hand(&iou, &truth.boxes, &output.boxes, &clear);
        hota_by_hand(&iou, &o, &hota);
        /* what people's shares add up to */
        uint64_t sum[3] = {0};
        double shared[2] = {0};
        for (int t = 0; t < N_TRUE; t++) {
            sum[0] += tp_of[t];
            sum[1] += clear_of[t];
            sum[2] += switches_of[t];
            shared[0] += share_of[t].tp[9];
            shared[1] += share_of[t].ass[9];
        }
        assert_true(sum[0] == identity.tp && sum[1] == clear.tp && sum[2] == clear.id_switches);
        assert_true(shared[0] == (double)hota.tp[9]);
        assert_near(shared[1], hota.at[9].assa * fmax(shared[0], 1), 1e-12);
        onus_overlaps_clear(&o);
    }
}

static void one_global_identity_is_the_same_over_cameras(void **state) {
    (void)state; /* elsewhere: camera by camera, where a person renamed at every door is perfect */
    box_table truth = {0};
    box_table output = {0};
    for (int camera = 0; camera < 2; camera++) {
        for (int frame = 0; frame < 5; frame++) {
            box_add(&truth, camera, 5 * camera + frame, 0, 0);
            box_add(&output, camera, 5 * camera + frame, camera, 0);
        }
    }
    onus_overlaps o;
    onus_identity identity;
    onus_clear clear;
    onus_hota hota;
    assert_int_equal(onus_overlaps_make(&truth.boxes, &output.boxes, &o, NULL), ONUS_OK);
    assert_int_equal(onus_identity_measure(&o, &identity, NULL), ONUS_OK);
    assert_int_equal(onus_clear_measure(&o, &clear, NULL, NULL), ONUS_OK);
    assert_int_equal(onus_hota_measure(&o, &hota, NULL), ONUS_OK);
    assert_int_equal(identity.tp, 5);
    assert_near(identity.f1.value, 0.5, 1e-15);
    assert_int_equal(clear.id_switches, 1);
    assert_near(clear.mota.value, 0.9, 1e-15);
    assert_near(hota.at[0].assa, 0.5, 1e-15);
    assert_near(hota.mean.hota, sqrt(0.5), 1e-15);
    onus_overlaps_clear(&o);
}

static void nothing_to_compare_is_undefined_or_wholly_missed(void **state) {
    (void)state;
    box_table truth = {0};
    box_table none = {0};
    (void)box_table_view(&none, 0, 0);
    box_add(&truth, 0, 1, 0, 0);
    onus_overlaps o;
    onus_identity identity;
    onus_clear clear;
    onus_hota hota;
    assert_int_equal(onus_overlaps_make(&none.boxes, &none.boxes, &o, NULL), ONUS_OK);
    assert_int_equal(onus_identity_measure(&o, &identity, NULL), ONUS_OK);
    assert_int_equal(onus_clear_measure(&o, &clear, NULL, NULL), ONUS_OK);
    assert_int_equal(onus_hota_measure(&o, &hota, NULL), ONUS_OK);
    assert_true(isnan(identity.f1.value) && isnan(clear.mota.value) && isnan(hota.mean.hota));
    assert_non_null(hota.reason);
    onus_overlaps_clear(&o);
    assert_int_equal(onus_overlaps_make(&truth.boxes, &none.boxes, &o, NULL), ONUS_OK);
    assert_int_equal(onus_identity_measure(&o, &identity, NULL), ONUS_OK);
    assert_int_equal(onus_clear_measure(&o, &clear, NULL, NULL), ONUS_OK);
    assert_int_equal(onus_hota_measure(&o, &hota, NULL), ONUS_OK);
    assert_true(identity.f1.value == 0.0 && identity.fn == 1 && clear.mota.value == 0.0);
    assert_true(isnan(identity.precision.value) && clear.mostly_lost == 1);
    assert_true(hota.mean.hota == 0.0 && isnan(clear.motp.value));
    onus_overlaps_clear(&o);
}

static void tables_that_break_the_rules_are_refused(void **state) {
    (void)state;
    box_table truth = {0};
    box_table output = {0};
    onus_overlaps o;
    box_add(&output, 0, 1, 0, 0);
    box_add(&truth, 0, 1, 1, 0);
    box_add(&truth, 0, 1, 1, 1); /* the same track twice in a moment */
    assert_int_equal(onus_overlaps_make(&truth.boxes, &output.boxes, &o, NULL), ONUS_ERR_DOMAIN);
    truth.track[1] = 0; /* out of order */
    assert_int_equal(onus_overlaps_make(&truth.boxes, &output.boxes, &o, NULL), ONUS_ERR_DOMAIN);
    truth.frame[1] = 2;
    truth.w[1] = NAN;
    assert_int_equal(onus_overlaps_make(&truth.boxes, &output.boxes, &o, NULL), ONUS_ERR_DOMAIN);
    truth.w[1] = 0; /* no area overlaps nothing */
    assert_int_equal(onus_overlaps_make(&truth.boxes, &output.boxes, &o, NULL), ONUS_OK);
    assert_int_equal(o.n_overlaps, 1);
    onus_overlaps_clear(&o);
    output.track[0] = 1;
    assert_int_equal(onus_overlaps_make(&truth.boxes, &output.boxes, &o, NULL), ONUS_ERR_DOMAIN);
}

static void every_refused_allocation_is_reported_and_freed(void **state) {
    (void)state;
    uint64_t seed = 7;
    box_table truth = {0};
    box_table output = {0};
    box_table_draw(&truth, &seed, N_MOMENTS, N_TRUE);
    box_table_draw(&output, &seed, N_MOMENTS, N_OUTPUT);
    onus_overlaps o = {0};
    FAULT_EACH(fault) {
        onus_identity identity;
        onus_clear clear;
        onus_hota hota;
        onus_status status = onus_overlaps_make(&truth.boxes, &output.boxes, &o, NULL);
        if (status == ONUS_OK) {
            status = onus_identity_measure(&o, &identity, NULL);
        }
        if (status == ONUS_OK) {
            status = onus_clear_measure(&o, &clear, NULL, NULL);
        }
        if (status == ONUS_OK) {
            status = onus_hota_measure(&o, &hota, NULL);
        }
        fault_expect(&fault, status);
        onus_overlaps_clear(&o);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_tables_come_out_as_every_assignment_tried_by_hand),
        cmocka_unit_test(one_global_identity_is_the_same_over_cameras),
        cmocka_unit_test(nothing_to_compare_is_undefined_or_wholly_missed),
        cmocka_unit_test(tables_that_break_the_rules_are_refused),
        cmocka_unit_test(every_refused_allocation_is_reported_and_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
