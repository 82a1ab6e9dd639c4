import fc from 'fast-check'
import { expect, test } from 'vitest'
import { childrenOf, declaredEntities, firstOf, parseXmlElement, textIn, type XmlElement } from '../../src/core/xml-element.ts'
import { runPython } from '../python.ts'

test('text keeps its order, its spaces and its digits', () => {
  const root = parseXmlElement('<p xml:lang="de" n="007">Das <hi>ist</hi> ein <lb/>Satz <!-- no --> 1e5<?pi x?><![CDATA[ <&amp;]]></p>')
  expect(root?.attributes).toEqual({ 'xml:lang': 'de', n: '007' })
  expect(textIn(root)).toBe('Das ist ein Satz  1e5 <&amp;')
  expect(textIn(root, ({ name }) => name === 'hi')).toBe('Das  ein Satz  1e5 <&amp;')
})

test('elements are found by local name', () => {
  const root = parseXmlElement('<r><oai:h><dc:t>a</dc:t><dc:t>b</dc:t></oai:h></r>')!
  expect(textIn(firstOf(root, 'h', 't'))).toBe('a')
  expect(childrenOf(firstOf(root, 'h')!, 't').map((child) => textIn(child))).toEqual(['a', 'b'])
})

test.each([
  ['two elements', '<a/><b/>'],
  ['tags that do not match', '<a><b></a></b>'],
  ['an attribute without a value', '<a b/>'],
  ['an undeclared entity', '<a>&nbsp;</a>'],
  ['an undeclared entity in an attribute', '<a b="&nbsp;"/>'],
  ['an ampersand', '<a>A & B</a>'],
  ['a reference to no character', '<a>&#xD800;</a>'],
  ['a reference beyond Unicode', '<a>&#x110000;</a>'],
  ['a reserved name', '<a><__proto__>x</__proto__></a>'],
  ['too many levels', `${'<a>'.repeat(300)}${'</a>'.repeat(300)}`],
  ['no element', 'text'],
])('%s is no record', (_, xml) => {
  expect(parseXmlElement(xml)).toBeUndefined()
})

test('declared entities are text; external ones, loops and floods are not declared', () => {
  const laughs = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('')
  const entities = declaredEntities(
    `<!DOCTYPE a [<!ENTITY name "Zo&#xEB;"><!ENTITY both '&name; &amp; more'><!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY % p "q"><!ENTITY loop "&loop;"><!ENTITY tag "<b/>"><!ENTITY l0 "ha">${laughs}]>`,
  )
  expect(textIn(parseXmlElement('<a>&both;</a>', entities))).toBe('Zoë & more')
  for (const name of ['x', 'p', 'loop', 'tag', 'l9']) expect(parseXmlElement(`<a>&${name};</a>`, entities), name).toBeUndefined()
  expect(parseXmlElement(`<a>${'&l3;'.repeat(1000)}</a>`, entities)).toBeUndefined()
})

test('expat reads the same text', () => {
  const piece = fc.constantFrom(
    'Grüße ',
    '&amp;',
    '&#x20AC;',
    '<hi>x</hi>',
    ' \n ',
    '<![CDATA[<b>&]]>',
    '<!-- c -->',
    '<lb/>',
    '007',
    '&lt;',
    '<a b="&quot;&#9;">y</a>',
  )
  const documents = fc.sample(
    fc.array(piece, { maxLength: 12 }).map((pieces) => `<r>${pieces.join('')}</r>`),
    { numRuns: 200, seed: 3 },
  )
  const script = `
import json, sys
from xml.etree import ElementTree
print(json.dumps([''.join(ElementTree.fromstring(d).itertext()) for d in json.load(sys.stdin)]))`
  const expected = JSON.parse(runPython(script, [], JSON.stringify(documents))) as string[]
  expect(documents.map((xml) => textIn(parseXmlElement(xml) as XmlElement))).toEqual(expected)
})
