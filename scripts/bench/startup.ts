export const startup = async (_: unknown): Promise<void> => {}
