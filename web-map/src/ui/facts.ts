/** One line of what is known of something. */
export interface Fact {
  label: string;
  value: string;
  /** Nobody knows: set in a quiet face. */
  unknown?: boolean;
  /** Who says so, where it is not the same for all. */
  note?: string;
}
