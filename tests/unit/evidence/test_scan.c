/* Records and fields, against libcsv and against themselves in tiny pieces. */
#include "temp_files.h"

#include <csv.h>

#include "../random.h"
#include "evidence_internal.h"
#include "onus/alloc.h"

static uint64_t random_state;

static uint32_t draw(uint32_t n) {
    return (uint32_t)random_below(&random_state, n);
}

/* What a reader saw, as one text: fields end with U+001F, records with U+001E. */
typedef struct seen {
    onus_text text;
    bool failed;
} seen;

static void on_field(void *bytes, size_t len, void *state) {
    seen *s = state;
    onus_text_add_len(&s->text, len > 0 ? bytes : "", len);
    onus_text_add_len(&s->text, "\x1F", 1);
}

static void on_record(int end, void *state) {
    (void)end;
    seen *s = state;
    onus_text_add_len(&s->text, "\x1E", 1);
}

static int never(unsigned char c) {
    (void)c;
    return 0;
}

static void by_libcsv(const char *text, size_t len, char delimiter, bool strict, seen *s) {
    struct csv_parser parser;
    const unsigned char options = strict ? CSV_STRICT | CSV_STRICT_FINI : 0;
    assert_int_equal(csv_init(&parser, options), 0);
    csv_set_delim(&parser, (unsigned char)delimiter);
    csv_set_space_func(&parser, never); /* RFC 4180: blanks are part of a field */
    s->failed = csv_parse(&parser, text, len, on_field, on_record, s) != len ||
                csv_fini(&parser, on_field, on_record, s) != 0;
    csv_free(&parser);
}

static void by_scan(const char *name, char delimiter, size_t chunk, seen *s) {
    onus_scan scan;
    onus_error err = ONUS_ERROR_INIT;
    bool got = true;
    const onus_status opened = onus_scan_open(temp_path(name), name, delimiter, chunk, &scan, &err);
    assert_int_equal(opened, ONUS_OK);
    while (!s->failed) {
        if (onus_scan_next(&scan, &got, &err) != ONUS_OK) {
            s->failed = true;
        }
        if (s->failed || !got) {
            break;
        }
        s->failed = scan.fault != ONUS_SCAN_FINE;
        assert_true(scan.n_fields <= scan.fields_cap);
        for (size_t i = 0; i < scan.n_fields; i++) {
            size_t field_len = 0;
            const char *field = onus_scan_text(&scan, i, &field_len);
            assert_non_null(field);
            on_field((void *)(uintptr_t)field, field_len, s);
        }
        on_record(0, s);
    }
    onus_scan_close(&scan);
}

static void assert_seen_equal(const seen *a, const seen *b) {
    assert_int_equal(a->text.len, b->text.len);
    assert_memory_equal(a->text.data != NULL ? a->text.data : "",
                        b->text.data != NULL ? b->text.data : "", a->text.len);
}

/* A table of random fields biased to what hurts, written with random quoting and line ends. */
static void random_table(onus_text *out, char delimiter) {
    static const char *const pieces[] = {
        "",
        "a",
        "\"",
        "\n",
        "\r\n",
        "\r",
        " ",
        "bcd",
        "\t",
        ";",
        ",",
        "\"\"",
        "é",
        "12.5",
        "x y",
        "日本",
        "''",
        "a,b\n",
        "0123456789012345678901234567890123456789012345678901234567890123456789"};
    static const char *const line_ends[] = {"\n", "\r\n", "\r"};
    const uint32_t n_columns = 1 + draw(6);
    const uint32_t n_rows = draw(12);
    for (uint32_t r = 0; r < n_rows; r++) {
        for (uint32_t c = 0; c < n_columns; c++) {
            onus_text field = {0};
            for (uint32_t k = draw(4); k > 0; k--) {
                onus_text_add(&field, pieces[draw(sizeof pieces / sizeof pieces[0])]);
            }
            const char *data = field.data != NULL ? field.data : "";
            const bool must = strpbrk(data, "\"\r\n") != NULL || strchr(data, delimiter) != NULL;
            if (must || draw(4) == 0) {
                onus_text_add(out, "\"");
                for (const char *p = data; *p != '\0'; p++) {
                    onus_text_add_len(out, "\"\"", *p == '"' ? 2 : 0);
                    onus_text_add_len(out, p, *p == '"' ? 0 : 1);
                }
                onus_text_add(out, "\"");
            } else {
                onus_text_add(out, data);
            }
            onus_text_clear(&field);
            onus_text_add_len(out, &delimiter, c + 1 < n_columns ? 1 : 0);
        }
        if (r + 1 < n_rows || draw(3) > 0) {
            onus_text_add(out, line_ends[draw(3)]);
        }
        if (draw(8) == 0) {
            onus_text_add(out, "\n\r\n"); /* blank lines are no records, for libcsv neither */
        }
    }
}

static void fields_are_those_of_libcsv(void **state) {
    (void)state;
    random_state = 20181218;
    for (int round = 0; round < test_mult(400); round++) {
        const char delimiter = ",;\t"[draw(3)];
        onus_text table = {0};
        random_table(&table, delimiter);
        write_bytes("t.csv", table.data != NULL ? table.data : "", table.len);
        seen theirs = {0};
        by_libcsv(table.data != NULL ? table.data : "", table.len, delimiter, true, &theirs);
        assert_false(theirs.failed);
        seen ours = {0};
        by_scan("t.csv", delimiter, 1 + draw(200), &ours);
        assert_false(ours.failed);
        assert_seen_equal(&ours, &theirs);
        onus_text_clear(&ours.text);
        onus_text_clear(&theirs.text);
        onus_text_clear(&table);
    }
}

static void streams_in_tiny_pieces_read_as_the_whole_file(void **state) {
    (void)state;
    random_state = 7;
    for (int round = 0; round < test_mult(60); round++) {
        onus_text table = {0};
        random_table(&table, ',');
        const char *data = table.data != NULL ? table.data : "";
        write_bytes("t.csv", data, table.len);
        write_gzip("t.csv.gz", data, table.len);
        write_zstd("t.csv.zst", data, table.len);
        seen whole = {0};
        by_scan("t.csv", ',', 0, &whole);
        for (size_t chunk = 1; chunk < 70; chunk += 1 + draw(9)) {
            seen gz = {0};
            seen zst = {0};
            by_scan("t.csv.gz", ',', chunk, &gz);
            by_scan("t.csv.zst", ',', chunk, &zst);
            assert_seen_equal(&gz, &whole);
            assert_seen_equal(&zst, &whole);
            onus_text_clear(&gz.text);
            onus_text_clear(&zst.text);
        }
        onus_text_clear(&whole.text);
        onus_text_clear(&table);
    }
}

/* Any bytes at all: the pieces they come in make no difference, and what libcsv reads strictly we
 * read in the same way. */
static void byte_soup_reads_alike_in_pieces_and_as_libcsv_where_strict(void **state) {
    (void)state;
    random_state = 99;
    int n_strict = 0;
    for (int round = 0; round < test_mult(1500); round++) {
        char soup[120];
        const size_t len = draw(sizeof soup);
        for (size_t i = 0; i < len; i++) {
            soup[i] = "a\",\n\r b,"[draw(8)];
        }
        write_bytes("s.csv", soup, len);
        seen whole = {0};
        seen pieces = {0};
        seen theirs = {0};
        by_scan("s.csv", ',', 0, &whole);
        by_scan("s.csv", ',', 1 + draw(20), &pieces);
        assert_int_equal(whole.failed, pieces.failed);
        assert_seen_equal(&whole, &pieces);
        by_libcsv(soup, len, ',', true, &theirs);
        if (!theirs.failed) {
            n_strict++;
            assert_false(whole.failed);
            assert_seen_equal(&whole, &theirs);
        }
        onus_text_clear(&whole.text);
        onus_text_clear(&pieces.text);
        onus_text_clear(&theirs.text);
    }
    assert_true(n_strict > 50);
}

static void open_scan(const char *name, const char *text, char delimiter, onus_scan *scan) {
    onus_error err = ONUS_ERROR_INIT;
    write_text(name, text);
    assert_int_equal(onus_scan_open(temp_path(name), name, delimiter, 0, scan, &err), ONUS_OK);
}

static void assert_field(onus_scan *scan, size_t field, const char *expected) {
    size_t len = 0;
    const char *text = onus_scan_text(scan, field, &len);
    assert_non_null(text);
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(text, expected, len);
}

static void lines_are_counted_through_embedded_newlines(void **state) {
    (void)state;
    onus_scan scan;
    onus_error err = ONUS_ERROR_INIT;
    bool got = false;
    open_scan("l.csv", "a,b\r\n\r\n\"1\n2\r\n3\",x\r\n4,5\n", 0, &scan);
    static const int64_t lines[] = {1, 3, 6};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(onus_scan_next(&scan, &got, &err), ONUS_OK);
        assert_true(got);
        assert_int_equal(scan.record_line, lines[i]);
        assert_int_equal(scan.n_fields, 2);
    }
    assert_int_equal(onus_scan_next(&scan, &got, &err), ONUS_OK);
    assert_false(got);
    onus_scan_close(&scan);
}

static void a_byte_order_mark_is_no_part_of_the_first_name(void **state) {
    (void)state;
    onus_scan scan;
    onus_error err = ONUS_ERROR_INIT;
    bool got = false;
    open_scan("b.csv", "\xEF\xBB\xBFlon;lat\n1;2\n", 0, &scan);
    assert_int_equal(scan.delimiter, ';');
    assert_int_equal(onus_scan_next(&scan, &got, &err), ONUS_OK);
    assert_int_equal(scan.fault, ONUS_SCAN_FINE);
    assert_field(&scan, 0, "lon");
    onus_scan_close(&scan);
}

static void faults_have_their_place_in_the_unpacked_text(void **state) {
    (void)state;
    onus_text text = {0};
    for (int i = 0; i < 100; i++) {
        onus_text_add(&text, "1234567,9\n");
    }
    onus_text_add(&text, "x,\"\xC3\xA9\n12\xFF\"\n");
    write_gzip("f.csv.gz", text.data, text.len);
    onus_text_clear(&text);
    for (size_t chunk = 1; chunk < 300; chunk += 37) {
        onus_scan scan;
        onus_error err = ONUS_ERROR_INIT;
        bool got = true;
        assert_int_equal(onus_scan_open(temp_path("f.csv.gz"), "f.csv.gz", ',', chunk, &scan, &err),
                         ONUS_OK);
        for (int i = 0; i < 101; i++) {
            assert_int_equal(scan.fault, ONUS_SCAN_FINE);
            assert_int_equal(onus_scan_next(&scan, &got, &err), ONUS_OK);
        }
        assert_int_equal(scan.fault, ONUS_SCAN_NOT_UTF8);
        assert_int_equal(scan.fault_offset, 1008);
        assert_int_equal(scan.fault_line, 102);
        assert_int_equal(scan.fault_col, 3);
        onus_scan_close(&scan);
    }
}

static void runs_of_blanks_are_one_delimiter(void **state) {
    (void)state;
    onus_scan scan;
    onus_error err = ONUS_ERROR_INIT;
    bool got = false;
    open_scan("b.dat", "  1   2.5 \"a b\"  \n3 4 5\n", 0, &scan);
    assert_int_equal(scan.delimiter, ' ');
    assert_int_equal(onus_scan_next(&scan, &got, &err), ONUS_OK);
    assert_int_equal(scan.n_fields, 3);
    assert_field(&scan, 0, "1");
    assert_field(&scan, 1, "2.5");
    assert_field(&scan, 2, "a b");
    onus_scan_close(&scan);
}

static void the_delimiter_is_guessed_from_the_first_line(void **state) {
    (void)state;
    static const struct {
        const char *name;
        const char *text;
        char expected;
    } cases[] = {
        {"a.csv", "a,b\n", ','},     {"a.csv", "a;b\n", ';'},       {"a.csv", "a\tb\n", '\t'},
        {"a.tsv", "a,x\tb\n", '\t'}, {"a.csv", "\"a;b\",c\n", ','}, {"a.csv", "one column\n", ','},
        {"a.txt", "\n1 2\n", ' '},   {"a.csv", "a;b,c;d\n", ';'},   {"a.csv", "", ','},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        onus_scan scan;
        open_scan(cases[i].name, cases[i].text, 0, &scan);
        assert_int_equal(scan.delimiter, cases[i].expected);
        onus_scan_close(&scan);
    }
}

static void a_record_past_16_mib_ends_the_reading_in_bounded_memory(void **state) {
    (void)state;
    /* 3 GiB in one line: a hole in a file, and 48 gzip members of 64 MiB each */
    write_text("long.csv", "a,b\n1,");
    assert_int_equal(truncate(temp_path("long.csv"), (off_t)3 << 30), 0);
    const size_t member_len = (size_t)64 << 20;
    char *member = malloc(member_len);
    assert_non_null(member);
    memset(member, '7', member_len);
    size_t packed_len = 0;
    unsigned char *packed = pack_gzip(member, member_len, &packed_len);
    FILE *file = fopen(temp_path("long.csv.gz"), "wb");
    assert_non_null(file);
    for (int i = 0; i < 48; i++) {
        assert_int_equal(fwrite(packed, 1, packed_len, file), packed_len);
    }
    assert_int_equal(fclose(file), 0);
    write_zstd("long.csv.zst", member, member_len);
    free(packed);
    free(member);
    static const char *const names[] = {"long.csv", "long.csv.gz", "long.csv.zst"};
    for (size_t i = 0; i < 3; i++) {
        onus_scan scan;
        onus_error err = ONUS_ERROR_INIT;
        bool got = true;
        onus_status status = onus_scan_open(temp_path(names[i]), names[i], ',', 0, &scan, &err);
        while (status == ONUS_OK && got) {
            status = onus_scan_next(&scan, &got, &err);
        }
        assert_int_equal(status, ONUS_ERR_DATA);
        assert_non_null(strstr(err.text, "longer than 16 MiB"));
        assert_int_equal(err.line, i == 0 ? 2 : 1);
        assert_true(scan.own_cap <= 4 * (size_t)ONUS_RECORD_MAX);
        onus_scan_close(&scan);
        assert_int_equal(unlink(temp_path(names[i])), 0);
    }
}

static void packed_files_that_are_cut_or_padded_are_told_apart(void **state) {
    (void)state;
    static const char text[] = "a,b\n1,2\n3,4\n";
    for (int zstd = 0; zstd <= 1; zstd++) {
        size_t n = 0;
        unsigned char *packed =
            zstd ? pack_zstd(text, sizeof text - 1, &n) : pack_gzip(text, sizeof text - 1, &n);
        unsigned char *twice = malloc(2 * n + 8);
        assert_non_null(twice);
        memcpy(twice, packed, n);
        memcpy(twice + n, packed, n);
        memcpy(twice + 2 * n, "garbage!", 8);
        const char *name = zstd ? "p.csv.zst" : "p.csv.gz";
        for (size_t cut = 6; cut <= 2 * n + 8; cut++) {
            onus_scan scan;
            onus_error err = ONUS_ERROR_INIT;
            bool got = true;
            int n_records = 0;
            write_bytes(name, twice, cut);
            onus_status status = onus_scan_open(temp_path(name), name, ',', 3, &scan, &err);
            while (status == ONUS_OK && got) {
                status = onus_scan_next(&scan, &got, &err);
                n_records += got;
            }
            const bool whole = cut == n || cut == 2 * n;
            assert_int_equal(status, whole ? ONUS_OK : ONUS_ERR_DATA);
            if (whole) {
                assert_int_equal(n_records, cut == n ? 3 : 6);
            } else if (cut < 2 * n) {
                assert_true(strstr(err.text, "is truncated") != NULL ||
                            strstr(err.text, "other bytes") != NULL);
            } else if (cut > 2 * n + 4) {
                assert_non_null(strstr(err.text, "other bytes after the end"));
            }
            onus_scan_close(&scan);
        }
        free(twice);
        free(packed);
    }
}

static void a_damaged_gzip_file_is_told(void **state) {
    (void)state;
    char text[2000];
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = "1234,\n567"[(i * i + i / 7) % 9];
    }
    size_t n = 0;
    unsigned char *packed = pack_gzip(text, sizeof text, &n);
    packed[n - 6] ^= 0x40; /* the checksum */
    write_bytes("d.csv.gz", packed, n);
    free(packed);
    onus_scan scan;
    onus_error err = ONUS_ERROR_INIT;
    bool got = true;
    onus_status status = onus_scan_open(temp_path("d.csv.gz"), "d.csv.gz", ',', 0, &scan, &err);
    while (status == ONUS_OK && got) {
        status = onus_scan_next(&scan, &got, &err);
    }
    assert_int_equal(status, ONUS_ERR_DATA);
    assert_non_null(strstr(err.text, "is damaged"));
    onus_scan_close(&scan);
}

static void the_digest_is_of_the_bytes_of_the_file(void **state) {
    (void)state;
    random_state = 3;
    for (int round = 0; round < 40; round++) {
        onus_text table = {0};
        random_table(&table, ',');
        const char *data = table.data != NULL ? table.data : "";
        write_bytes("h.csv", data, table.len);
        write_gzip("h.csv.gz", data, table.len);
        for (int packed = 0; packed <= 1; packed++) {
            const char *name = packed ? "h.csv.gz" : "h.csv";
            char whole[65];
            char read[65];
            onus_scan scan;
            onus_error err = ONUS_ERROR_INIT;
            bool got = true;
            assert_int_equal(onus_sha256_file(temp_path(name), whole, &err), ONUS_OK);
            assert_int_equal(onus_scan_open(temp_path(name), name, ',', 1 + draw(90), &scan, &err),
                             ONUS_OK);
            for (uint32_t k = draw(5); k > 0 && got;
                 k--) { /* also when it is not read to its end */
                assert_int_equal(onus_scan_next(&scan, &got, &err), ONUS_OK);
            }
            assert_int_equal(onus_bytes_finish(&scan.bytes, read, &err), ONUS_OK);
            assert_string_equal(read, whole);
            onus_scan_close(&scan);
        }
        onus_text_clear(&table);
    }
}

static void known_digests(void **state) {
    (void)state;
    char hex[65];
    onus_sha256_bytes("abc", 3, hex); /* FIPS 180-4 */
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    onus_sha256_bytes("", 0, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    onus_error err = ONUS_ERROR_INIT;
    assert_int_equal(onus_sha256_file(temp_path("absent"), hex, &err), ONUS_ERR_NOINPUT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_those_of_libcsv),
        cmocka_unit_test(streams_in_tiny_pieces_read_as_the_whole_file),
        cmocka_unit_test(byte_soup_reads_alike_in_pieces_and_as_libcsv_where_strict),
        cmocka_unit_test(lines_are_counted_through_embedded_newlines),
        cmocka_unit_test(a_byte_order_mark_is_no_part_of_the_first_name),
        cmocka_unit_test(faults_have_their_place_in_the_unpacked_text),
        cmocka_unit_test(runs_of_blanks_are_one_delimiter),
        cmocka_unit_test(the_delimiter_is_guessed_from_the_first_line),
        cmocka_unit_test(a_record_past_16_mib_ends_the_reading_in_bounded_memory),
        cmocka_unit_test(packed_files_that_are_cut_or_padded_are_told_apart),
        cmocka_unit_test(a_damaged_gzip_file_is_told),
        cmocka_unit_test(the_digest_is_of_the_bytes_of_the_file),
        cmocka_unit_test(known_digests),
    };
    return cmocka_run_group_tests_name("scan", tests, make_temp_dir, remove_temp_dir);
}
