export const queueName = 'customer-changes';
/** Where the host puts a message whose function crashed too often. */
export const poisonQueueName = `${queueName}-poison`;
