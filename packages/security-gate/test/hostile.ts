/** An object that cannot be read: every trap throws. */
const refuse = (): never => {
  throw new Error('no read allowed');
};

export const hostile: never = new Proxy(Object.create(null), {
  get: refuse,
  has: refuse,
  getPrototypeOf: refuse,
  ownKeys: refuse,
  getOwnPropertyDescriptor: refuse,
}) as never;
