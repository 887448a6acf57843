namespace Streaming;

/// <summary>
/// A store's failure on its way to another process, where the driver's own exception, its cause, may not exist: of that
/// one only the text travels, for the log.
/// </summary>
[GenerateSerializer, Immutable, Alias("store-exception")]
internal readonly record struct StoreExceptionSurrogate([property: Id(0)] string Message, [property: Id(1)] string? Cause)
{
    public static StoreExceptionSurrogate Of(Exception e) => new(e.Message, e.InnerException?.ToString());

    public IOException? Inner => Cause is null ? null : new IOException(Cause);
}

[RegisterConverter]
internal sealed class StoreUnavailableConverter : IConverter<StoreUnavailableException, StoreExceptionSurrogate>
{
    public StoreUnavailableException ConvertFromSurrogate(in StoreExceptionSurrogate surrogate) => new(surrogate.Message, surrogate.Inner!);

    public StoreExceptionSurrogate ConvertToSurrogate(in StoreUnavailableException value) => StoreExceptionSurrogate.Of(value);
}

[RegisterConverter]
internal sealed class StoreRefusedConverter : IConverter<StoreRefusedException, StoreExceptionSurrogate>
{
    public StoreRefusedException ConvertFromSurrogate(in StoreExceptionSurrogate surrogate) => new(surrogate.Message, surrogate.Inner);

    public StoreExceptionSurrogate ConvertToSurrogate(in StoreRefusedException value) => StoreExceptionSurrogate.Of(value);
}
