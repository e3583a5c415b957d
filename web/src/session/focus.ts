/** A step that takes the place of another takes the keyboard along, which would be nowhere otherwise. */
export const vFocus = {
  mounted: (element: HTMLElement, { value = true }: { value?: boolean }): void => {
    if (value) element.focus();
  },
};
