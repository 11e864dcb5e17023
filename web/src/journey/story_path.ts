// Where the story of a ride can be read.

/** The page of the city with the story of this ride open. */
export function storyPath(id: string): string {
  return `/?trip=${encodeURIComponent(id)}`;
}
