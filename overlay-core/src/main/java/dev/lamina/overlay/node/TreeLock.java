package dev.lamina.overlay.node;

import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Keeps the shape of the merged tree still. Shared: paths in the upper stay where they are, so a
 * directory can be reached through its parents. Exclusive: nobody else is at work on names at all.
 * Held for a few system calls at most, never while data is copied.
 */
public final class TreeLock {
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

  /** The lock of everyone who resolves a place in the upper. */
  public Lock shared() {
    return lock.readLock();
  }

  /** The lock of whoever moves a directory or changes two directories at once. */
  public Lock exclusive() {
    return lock.writeLock();
  }
}
