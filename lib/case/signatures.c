/* SPDX-License-Identifier: Apache-2.0 */
/* The signatures of a case: those that ship with the library, and files of the examiner's. */
#include "case/case_internal.h"

#include "evidence/input.h"

#include <stdlib.h>

enum { MOST_SIGNATURES = 64, MOST_FILE = 1 << 16 };

/* Makes room for the id, its own place if it is known already; NULL: no memory, or too many. */
static struct wtr_signature *place_for(struct wtr_case *c, const char *id)
{
    for (size_t i = 0; i < c->signature_count; i++)
        if (strcmp(c->signatures[i].id, id) == 0)
            return &c->signatures[i];
    if (c->signature_count == MOST_SIGNATURES)
        return NULL;
    if (!c->signatures)
        c->signatures = calloc(MOST_SIGNATURES, sizeof *c->signatures);
    if (!c->signature_ids)
        c->signature_ids = (const char **)calloc(MOST_SIGNATURES, sizeof(const char *));
    if (!c->signatures || !c->signature_ids)
        return NULL;
    c->signature_ids[c->signature_count] = c->signatures[c->signature_count].id;
    return &c->signatures[c->signature_count++];
}

static enum wtr_status add(struct wtr_case *c, struct wtr_text json, const char **why)
{
    struct wtr_signature *read = malloc(sizeof *read);
    if (!read)
        return WTR_E_MEMORY;
    enum wtr_status status = wtr_signature_read(read, json, why);
    struct wtr_signature *place = status == WTR_OK ? place_for(c, read->id) : NULL;
    if (place)
        *place = *read;
    else if (status == WTR_OK)
        status = WTR_E_MEMORY;
    free(read);
    return status;
}

enum wtr_status wtr_signatures_ship(struct wtr_case *c)
{
    const char *why;
    enum wtr_status status = WTR_OK;
    for (const struct wtr_text *json = wtr_shipped_signatures; json->length && status == WTR_OK; json++)
        status = add(c, *json, &why);
    return status == WTR_E_UNRECOGNISED ? WTR_E_INTERNAL : status;
}

enum wtr_status wtr_case_add_signature_memory(wtr_case *c, const char *name, const void *bytes, size_t length)
{
    const char *why = "";
    bool fits = c && name && (bytes || length == 0) && !c->feed && c->stage == WTR_CASE_OPEN;
    if (!fits || !c->options.include_inferred)
        return WTR_E_ARGUMENT;
    enum wtr_status status = add(c, wtr_text_of(bytes, length), &why);
    return status == WTR_E_UNRECOGNISED ? wtr_case_fail(c, status, name, why) : status;
}

static enum wtr_status read_file(struct wtr_case *c, const char *name, struct wtr_input *input)
{
    struct wtr_buffer text = {0};
    size_t have = 0;
    do {
        const uint8_t *bytes = wtr_input_peek(input, 1, &have);
        wtr_put(&text, bytes, have);
        wtr_input_skip(input, have);
    } while (have > 0 && text.length <= MOST_FILE && !text.failed);
    const char *trouble = wtr_input_trouble(input);
    enum wtr_status status = WTR_E_MEMORY;
    if (trouble)
        status = wtr_case_fail(c, WTR_E_READ, name, trouble);
    else if (!text.failed)
        status = wtr_case_add_signature_memory(c, name, text.data, text.length);
    wtr_buffer_free(&text);
    return status;
}

enum wtr_status wtr_case_add_signature(wtr_case *c, const char *path)
{
    struct wtr_input *input = NULL;
    const char *why = NULL;
    if (!c || !path || c->stage != WTR_CASE_OPEN)
        return WTR_E_ARGUMENT;
    const char *name = strcmp(path, "-") == 0 ? "standard input" : wtr_case_base_name(path);
    enum wtr_status status = wtr_input_open_path(&input, path, &why);
    if (status != WTR_OK)
        return wtr_case_fail(c, status, name, why ? why : "can't be opened");
    status = read_file(c, name, input);
    wtr_input_close(input);
    return status;
}
