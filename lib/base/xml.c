/* SPDX-License-Identifier: Apache-2.0 */
/* The list of elements behind xml.h, filled by expat's events (Expat reference manual: XML_ParserCreate,
 * "Parse position and error reporting functions"). */
#include "base/xml.h"

#include <expat.h>
#include <stdlib.h>

struct reader {
    struct wtr_xml *xml;
    XML_Parser parser;
    wtr_xml_ref open; /* the innermost element that has not ended; -1: none */
    unsigned depth;
};

static size_t place(const struct reader *r)
{
    XML_Index at = XML_GetCurrentByteIndex(r->parser);
    size_t length = r->xml->text.length;
    return at < 0 ? 0 : (size_t)at < length ? (size_t)at : length;
}

static struct wtr_xml_element *add_element(struct wtr_xml *xml)
{
    if (xml->count == WTR_XML_MAX_ELEMENTS)
        return NULL;
    if (xml->count == xml->capacity) {
        size_t capacity = xml->capacity ? xml->capacity * 2 : 64;
        struct wtr_xml_element *list = realloc(xml->list, capacity * sizeof *list);
        if (!list)
            return NULL;
        xml->list = list;
        xml->capacity = capacity;
    }
    return &xml->list[xml->count++];
}

/* The name in the start tag that begins at `at`, without its prefix. */
static struct wtr_text name_at(struct wtr_text text, size_t at)
{
    size_t from = at + 1;
    size_t to = from;
    while (to < text.length && !strchr(" \t\r\n/>", text.data[to])) {
        if (text.data[to] == ':')
            from = to + 1;
        to++;
    }
    return from <= to && from <= text.length ? wtr_text_of(text.data + from, to - from)
                                             : (struct wtr_text){text.data, 0};
}

static void XMLCALL begin_element(void *user, const XML_Char *name, const XML_Char **attributes)
{
    struct reader *r = user;
    struct wtr_xml *xml = r->xml;
    (void)name;
    (void)attributes;
    struct wtr_xml_element *e = r->depth < WTR_XML_MAX_DEPTH ? add_element(xml) : NULL;
    if (!e) {
        XML_StopParser(r->parser, XML_FALSE);
        return;
    }
    size_t at = place(r);
    int tag = XML_GetCurrentByteCount(r->parser);
    size_t inside = at + (tag > 0 ? (size_t)tag : 0);
    *e = (struct wtr_xml_element){.name = name_at(xml->text, at), .parent = r->open, .plain = true};
    e->tag = wtr_text_of(xml->text.data + at, inside - at);
    e->raw = wtr_text_of(xml->text.data + inside, 0);
    e->decoded_at = xml->decoded.length;
    if (r->open >= 0)
        xml->list[r->open].holds_elements = true;
    r->open = (wtr_xml_ref)(xml->count - 1);
    r->depth++;
}

static void XMLCALL end_element(void *user, const XML_Char *name)
{
    struct reader *r = user;
    struct wtr_xml_element *e = &r->xml->list[r->open];
    (void)name;
    size_t from = (size_t)(e->raw.data - r->xml->text.data);
    size_t to = place(r);
    e->next = (wtr_xml_ref)r->xml->count;
    if (!e->holds_elements && to > from)
        e->raw.length = to - from;
    e->plain = e->raw.length == 0 ||
               (!memchr(e->raw.data, '&', e->raw.length) && !memchr(e->raw.data, '<', e->raw.length));
    e->decoded_length = r->xml->decoded.length - e->decoded_at;
    r->open = e->parent;
    r->depth--;
}

static void XMLCALL take_text(void *user, const XML_Char *text, int length)
{
    struct reader *r = user;
    if (length > 0)
        wtr_put(&r->xml->decoded, text, (size_t)length);
}

static void XMLCALL refuse_doctype(void *user, const XML_Char *name, const XML_Char *system,
                                   const XML_Char *public, int internal)
{
    struct reader *r = user;
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    XML_StopParser(r->parser, XML_FALSE);
}

static struct wtr_text without_end(struct wtr_text text)
{
    while (text.length > 0 && memchr(" \t\r\n", text.data[text.length - 1], 5))
        text.length--;
    return text;
}

bool wtr_xml_parse(struct wtr_xml *xml, struct wtr_text text)
{
    text = without_end(text);
    xml->text = text;
    xml->count = 0;
    wtr_buffer_clear(&xml->decoded);
    if (text.length == 0 || text.length > INT32_MAX / 2)
        return false;
    struct reader r = {.xml = xml, .parser = XML_ParserCreate("UTF-8"), .open = -1};
    if (!r.parser)
        return false;
    XML_SetHashSalt(r.parser, 1);
    XML_SetUserData(r.parser, &r);
    XML_SetElementHandler(r.parser, begin_element, end_element);
    XML_SetCharacterDataHandler(r.parser, take_text);
    XML_SetStartDoctypeDeclHandler(r.parser, refuse_doctype);
    bool whole = XML_Parse(r.parser, text.data, (int)text.length, XML_TRUE) == XML_STATUS_OK;
    XML_ParserFree(r.parser);
    whole = whole && xml->count > 0 && !xml->decoded.failed;
    if (!whole)
        xml->count = 0;
    return whole;
}

void wtr_xml_free(struct wtr_xml *xml)
{
    free(xml->list);
    wtr_buffer_free(&xml->decoded);
    *xml = (struct wtr_xml){.list = NULL};
}

wtr_xml_ref wtr_xml_first(const struct wtr_xml *xml, wtr_xml_ref at)
{
    return at >= 0 && (size_t)at < xml->count && xml->list[at].holds_elements ? at + 1 : -1;
}

wtr_xml_ref wtr_xml_next(const struct wtr_xml *xml, wtr_xml_ref at)
{
    wtr_xml_ref next = xml->list[at].next;
    return (size_t)next < xml->count && xml->list[next].parent == xml->list[at].parent ? next : -1;
}

wtr_xml_ref wtr_xml_child(const struct wtr_xml *xml, wtr_xml_ref at, const char *name)
{
    wtr_xml_ref found = -1;
    for (wtr_xml_ref i = wtr_xml_first(xml, at); i >= 0; i = wtr_xml_next(xml, i)) {
        if (!wtr_text_is(xml->list[i].name, name))
            continue;
        if (found >= 0)
            return -1;
        found = i;
    }
    return found;
}

wtr_xml_ref wtr_xml_find(const struct wtr_xml *xml, const char *name)
{
    wtr_xml_ref found = -1;
    for (size_t i = 0; i < xml->count; i++) {
        if (!wtr_text_is(xml->list[i].name, name))
            continue;
        if (found >= 0)
            return -1;
        found = (wtr_xml_ref)i;
    }
    return found;
}

struct wtr_text wtr_xml_name(const struct wtr_xml *xml, wtr_xml_ref at)
{
    return at >= 0 ? xml->list[at].name : (struct wtr_text){NULL, 0};
}

struct wtr_text wtr_xml_raw(const struct wtr_xml *xml, wtr_xml_ref at)
{
    return at >= 0 ? xml->list[at].raw : (struct wtr_text){NULL, 0};
}

/* What stands before the first of the characters, which are cut off with it. */
static struct wtr_text take_until(struct wtr_text *rest, const char *characters)
{
    size_t n = 0;
    while (n < rest->length && !strchr(characters, rest->data[n]))
        n++;
    struct wtr_text taken = wtr_text_of(rest->data, n);
    n += n < rest->length;
    if (n > 0)
        *rest = wtr_text_of(rest->data + n, rest->length - n);
    return taken;
}

/* The tag is well-formed: attributes are name = "value" or name = 'value', with white space between. */
struct wtr_text wtr_xml_attribute(const struct wtr_xml *xml, wtr_xml_ref at, const char *name)
{
    struct wtr_text rest = at >= 0 ? xml->list[at].tag : (struct wtr_text){NULL, 0};
    (void)take_until(&rest, " \t\r\n");
    while (rest.length > 0) {
        struct wtr_text key = take_until(&rest, "=");
        while (key.length > 0 && strchr(" \t\r\n", key.data[0]))
            key = wtr_text_of(key.data + 1, key.length - 1);
        while (key.length > 0 && strchr(" \t\r\n", key.data[key.length - 1]))
            key.length--;
        const char *colon = key.length ? memchr(key.data, ':', key.length) : NULL;
        if (colon)
            key = wtr_text_of(colon + 1, key.length - (size_t)(colon + 1 - key.data));
        (void)take_until(&rest, "\"'");
        const char quote[2] = {rest.length > 0 ? rest.data[-1] : '"', '\0'};
        struct wtr_text value = take_until(&rest, quote);
        if (wtr_text_is(key, name))
            return value;
    }
    return (struct wtr_text){NULL, 0};
}

struct wtr_text wtr_xml_text(const struct wtr_xml *xml, wtr_xml_ref at)
{
    if (at < 0 || xml->list[at].holds_elements)
        return (struct wtr_text){NULL, 0};
    const struct wtr_xml_element *e = &xml->list[at];
    if (e->plain || e->decoded_length == 0)
        return e->plain ? e->raw : (struct wtr_text){e->raw.data, 0};
    return wtr_text_of(xml->decoded.data + e->decoded_at, e->decoded_length);
}
