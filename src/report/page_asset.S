/* The page's template as bytes in the program: see meson.build, which names the file. */
    .section .rodata
    .global onus_report_page_start
    .global onus_report_page_end
onus_report_page_start:
    .incbin PAGE_FILE
onus_report_page_end:
    .byte 0
    .section .note.GNU-stack, "", %progbits
