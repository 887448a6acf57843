namespace Streaming.Viewing;

/// <summary>The silo whose ledger was called is no member any more. Nothing of the call ran, and none of its kind ever will.</summary>
[GenerateSerializer, Alias("ledger-gone")]
public sealed class LedgerGoneException(string message) : OrleansException(message);
