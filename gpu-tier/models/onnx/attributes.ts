/**
 * Reads attributes of a node, with the defaults of the operator's specification
 * (https://onnx.ai/onnx/operators/).
 * @module
 */
import type { GraphNode } from './graph.ts';

// An attribute without a value is 0, since proto3 writers omit zeros.
export function intAttribute(node: GraphNode, name: string, absent: number): number {
  const attribute = node.attributes.get(name);
  return attribute ? (attribute.i ?? 0) : absent;
}

export function floatAttribute(node: GraphNode, name: string, absent: number): number {
  const attribute = node.attributes.get(name);
  return attribute ? (attribute.f ?? 0) : absent;
}

export function intsAttribute(node: GraphNode, name: string): readonly number[] | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.ints?.length ? attribute.ints : undefined;
}

export function stringAttribute(node: GraphNode, name: string, absent: string): string {
  const bytes = node.attributes.get(name)?.s;
  return bytes ? new TextDecoder().decode(bytes) : absent;
}
