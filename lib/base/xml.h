/* SPDX-License-Identifier: Apache-2.0 */
/* XML 1.0, read by expat into a bounded list of elements, each with the place of its text.
 *
 * Names stand without their namespace's prefix. A document type declaration is refused, so that no entity
 * but the five predefined ones and character references can be there, and nothing grows. The bytes are taken
 * for UTF-8, whatever the declaration says (devices write encoding="UTF8", which is no encoding's name). */
#ifndef WTR_BASE_XML_H
#define WTR_BASE_XML_H

#include "base/text.h"

enum { WTR_XML_MAX_ELEMENTS = 1 << 12, WTR_XML_MAX_DEPTH = 32 };

/* Index of an element; negative: there is none. The root is 0. */
typedef int32_t wtr_xml_ref;

struct wtr_xml_element {
    struct wtr_text name; /* points into the document's text */
    struct wtr_text tag;  /* the start tag as written */
    struct wtr_text raw;  /* what stands between its tags; empty where it holds elements */
    wtr_xml_ref parent;
    wtr_xml_ref next;  /* the element after this one and all that it holds */
    size_t decoded_at; /* in `decoded`, where `raw` has references or sections */
    size_t decoded_length;
    bool holds_elements;
    bool plain; /* `raw` is the text itself */
};

/* A document. Zero-initialise; may be used again for the next text; free with wtr_xml_free. */
struct wtr_xml {
    struct wtr_text text;
    struct wtr_xml_element *list;
    size_t count;
    size_t capacity;
    struct wtr_buffer decoded;
};

/* Reads the text, which must outlive the document's use. True if it is one whole element with nothing but
 * white space, comments and declarations around it. White space and zeros at its end are left out. */
bool wtr_xml_parse(struct wtr_xml *xml, struct wtr_text text);
void wtr_xml_free(struct wtr_xml *xml);

/* The only child of that name; -1 if there is none or several. */
wtr_xml_ref wtr_xml_child(const struct wtr_xml *xml, wtr_xml_ref at, const char *name);
/* The only element of that name in the whole document; -1 if there is none or several. */
wtr_xml_ref wtr_xml_find(const struct wtr_xml *xml, const char *name);
/* First element inside `at`, and its next sibling; -1 at the end. */
wtr_xml_ref wtr_xml_first(const struct wtr_xml *xml, wtr_xml_ref at);
wtr_xml_ref wtr_xml_next(const struct wtr_xml *xml, wtr_xml_ref at);

/* The name, and what stands between the tags as written. Empty for -1. */
struct wtr_text wtr_xml_name(const struct wtr_xml *xml, wtr_xml_ref at);
struct wtr_text wtr_xml_raw(const struct wtr_xml *xml, wtr_xml_ref at);
/* The attribute's value as written; data NULL if there is none. The name is compared without its prefix. */
struct wtr_text wtr_xml_attribute(const struct wtr_xml *xml, wtr_xml_ref at, const char *name);
/* The element's text, references resolved: in place where there are none. Empty with data NULL for -1 and
 * for an element that holds others. */
struct wtr_text wtr_xml_text(const struct wtr_xml *xml, wtr_xml_ref at);

#endif
