/* SPDX-License-Identifier: Apache-2.0 */
/* base/xml: elements, places, references, and what is refused. */
#include "base/xml.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static struct wtr_xml xml;

static void tear_down(void)
{
    wtr_xml_free(&xml);
}

TestSuite(xml, .fini = tear_down);

static bool parse(const char *text)
{
    return wtr_xml_parse(&xml, wtr_text_z(text));
}

static void expect_text(wtr_xml_ref at, const char *raw, const char *text)
{
    cr_assert(at >= 0);
    cr_expect(wtr_text_is(wtr_xml_raw(&xml, at), raw), "raw is %.*s", (int)wtr_xml_raw(&xml, at).length,
              wtr_xml_raw(&xml, at).data);
    cr_expect(wtr_text_is(wtr_xml_text(&xml, at), text), "text is %.*s", (int)wtr_xml_text(&xml, at).length,
              wtr_xml_text(&xml, at).data);
}

Test(xml, elements_and_places)
{
    static const char text[] = "<?xml version=\"1.0\"?>\r\n<s:a x='>' y=\"1\">\n<u:b>12|3</u:b><c/><d  ></d >"
                               "<e><f>1</f><f>2</f></e></s:a>\r\n\r\n";
    cr_assert(parse(text));
    wtr_xml_ref b = wtr_xml_child(&xml, 0, "b");
    expect_text(b, "12|3", "12|3");
    cr_expect_eq(wtr_xml_raw(&xml, b).data, strstr(text, "12|3"), "a plain text stands in the document");
    expect_text(wtr_xml_child(&xml, 0, "c"), "", "");
    expect_text(wtr_xml_child(&xml, 0, "d"), "", "");
    wtr_xml_ref e = wtr_xml_child(&xml, 0, "e");
    cr_expect_eq(wtr_xml_text(&xml, e).data, NULL, "an element that holds others has no text");
    cr_expect_eq(wtr_xml_child(&xml, e, "f"), -1, "two of a name are ambiguous");
    cr_expect_eq(wtr_xml_find(&xml, "f"), -1);
    cr_expect_eq(wtr_xml_find(&xml, "b"), b);
    expect_text(wtr_xml_next(&xml, wtr_xml_first(&xml, e)), "2", "2");
    cr_expect_eq(wtr_xml_next(&xml, wtr_xml_next(&xml, wtr_xml_first(&xml, e))), -1);
    cr_expect_eq(wtr_xml_next(&xml, e), -1);
    cr_expect_eq(wtr_xml_next(&xml, 0), -1);
    cr_expect(wtr_text_is(wtr_xml_name(&xml, 0), "a"));
    cr_expect_eq(wtr_xml_child(&xml, -1, "a"), -1);
}

Test(xml, references_and_sections)
{
    cr_assert(parse("<a><b>Tom&apos;s &#x26;&lt;</b><c><![CDATA[<x>]]></c><d>1<!-- 2 -->3</d></a>"));
    expect_text(wtr_xml_child(&xml, 0, "b"), "Tom&apos;s &#x26;&lt;", "Tom's &<");
    expect_text(wtr_xml_child(&xml, 0, "c"), "<![CDATA[<x>]]>", "<x>");
    expect_text(wtr_xml_child(&xml, 0, "d"), "1<!-- 2 -->3", "13");
}

Test(xml, attributes)
{
    cr_assert(parse("<a id=\"get\" x:b = 'c\"=d'\n e=\"\"><f/><g h='i'/></a>"));
    cr_expect(wtr_text_is(wtr_xml_attribute(&xml, 0, "id"), "get"));
    cr_expect(wtr_text_is(wtr_xml_attribute(&xml, 0, "b"), "c\"=d"));
    struct wtr_text empty = wtr_xml_attribute(&xml, 0, "e");
    cr_expect(empty.data && empty.length == 0);
    cr_expect_eq(wtr_xml_attribute(&xml, 0, "h").data, NULL);
    cr_expect_eq(wtr_xml_attribute(&xml, wtr_xml_child(&xml, 0, "f"), "id").data, NULL);
    cr_expect(wtr_text_is(wtr_xml_attribute(&xml, wtr_xml_child(&xml, 0, "g"), "h"), "i"));
    cr_expect_eq(wtr_xml_attribute(&xml, -1, "id").data, NULL);
}

/* The declared name of the encoding is none, and not needed. */
Test(xml, encoding_is_utf8)
{
    cr_assert(parse("<?xml version=\"1.0\" encoding=\"UTF8\"?><a>\xc3\xa4</a>"));
    expect_text(0, "\xc3\xa4", "\xc3\xa4");
    cr_expect_not(parse("<a>\xe4</a>"));
}

Test(xml, refused)
{
    cr_expect_not(parse(""));
    cr_expect_not(parse(" \r\n"));
    cr_expect_not(parse("text"));
    cr_expect_not(parse("<a>"));
    cr_expect_not(parse("<a></b>"));
    cr_expect_not(parse("<a/><b/>"));
    cr_expect_not(parse("<a>&e;</a>"));
    cr_expect_not(parse("<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;</a>"));
    cr_expect_not(parse("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>"));
    cr_expect_eq(wtr_xml_first(&xml, 0), -1);
    cr_expect_eq(wtr_xml_find(&xml, "a"), -1);
    cr_assert(parse("<a/>"), "and the document can be used again");
}

/* Every text, cut at every byte, is either whole or refused, and nothing is read past its end. */
Test(xml, cut_anywhere)
{
    static const char text[] = "<a><b c=\"d\">1&amp;2</b><e/></a>";
    for (size_t n = 0; n + 1 < sizeof text; n++) {
        char *copy = malloc(n ? n : 1);
        cr_assert(copy);
        memcpy(copy, text, n);
        cr_expect_not(wtr_xml_parse(&xml, wtr_text_of(copy, n)), "cut to %zu bytes", n);
        free(copy);
    }
}

Test(xml, bounds)
{
    struct wtr_buffer deep = {0};
    for (int i = 0; i < WTR_XML_MAX_DEPTH; i++)
        wtr_put_z(&deep, "<a>");
    for (int i = 0; i < WTR_XML_MAX_DEPTH; i++)
        wtr_put_z(&deep, "</a>");
    cr_expect(wtr_xml_parse(&xml, wtr_buffer_text(&deep)));
    wtr_buffer_clear(&deep);
    for (int i = 0; i <= WTR_XML_MAX_DEPTH; i++)
        wtr_put_z(&deep, "<a>");
    for (int i = 0; i <= WTR_XML_MAX_DEPTH; i++)
        wtr_put_z(&deep, "</a>");
    cr_expect_not(wtr_xml_parse(&xml, wtr_buffer_text(&deep)));
    wtr_buffer_clear(&deep);
    wtr_put_z(&deep, "<a>");
    for (int i = 1; i < WTR_XML_MAX_ELEMENTS; i++)
        wtr_put_z(&deep, "<b/>");
    size_t most = deep.length;
    wtr_put_z(&deep, "</a>");
    cr_expect(wtr_xml_parse(&xml, wtr_buffer_text(&deep)));
    deep.length = most;
    wtr_put_z(&deep, "<b/></a>");
    cr_expect_not(wtr_xml_parse(&xml, wtr_buffer_text(&deep)));
    wtr_buffer_free(&deep);
}
