namespace Streaming;

/// <summary>A write was refused and left nothing behind: the disk is full, the row is too large. Its message says what to do.</summary>
public sealed class StoreRefusedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The program cannot start as it is configured or with what it finds on disk. Its message is one line that says what to do.</summary>
public sealed class StartupException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A store cannot be read or written now; whether a write was made is unknown.</summary>
public sealed class StoreUnavailableException(string message, Exception inner) : Exception(message, inner);
