export const profile = async (_: unknown): Promise<void> => {}
