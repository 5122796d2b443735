/* SPDX-License-Identifier: Apache-2.0 */
/* How densely the tests of damage go through an image: at every place. Under a sanitizer, where each look
 * takes ten times as long, at every `coarse`-th. */
#ifndef TEST_EVERY_H
#define TEST_EVERY_H

#if defined(__SANITIZE_ADDRESS__)
#define EVERY(coarse) (coarse)
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EVERY(coarse) (coarse)
#endif
#endif
#ifndef EVERY
#define EVERY(coarse) 1
#endif

#endif
