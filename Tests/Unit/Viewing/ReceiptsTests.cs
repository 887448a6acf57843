using Streaming.Tests.Storage;
using Streaming.Viewing;

namespace Streaming.Tests.Viewing;

public sealed class ReceiptsTests
{
    private const string Key = "0123456789abcdef";
    private readonly Guid title;
    private readonly Guid user;

    public ReceiptsTests()
    {
        var samples = new Samples();
        (title, user) = (samples.Id(), samples.Id());
    }

    [Fact]
    public void A_receipt_is_the_same_in_every_process() => Assert.Equal(
        // SHA-256 of "title", 0, "anonymous", 0, sixteen zero bytes, the key; by sha256sum.
        new Guid(Convert.FromHexString("2f5363fe356d80ed28e0689aa951e396")),
        Receipts.ForTitle(Receipts.Anonymous, Guid.Empty, Key));

    [Fact]
    public void Receipts_differ_by_kind_caller_title_and_key()
    {
        Guid[] receipts =
        [
            Receipts.ForTitle(Receipts.Anonymous, title, Key),
            Receipts.ForTitle("somebody", title, Key),
            Receipts.ForTitle(Receipts.Anonymous, user, Key),
            Receipts.ForTitle(Receipts.Anonymous, title, Key + "0"),
            Receipts.ForTitle(Receipts.Anonymous, Guid.Empty, Key),
            Receipts.ForBatch(Receipts.Anonymous, Key),
            Receipts.ForBatch("somebody", Key),
            Receipts.ForQualifiedView(user, title, 1),
            Receipts.ForQualifiedView(user, title, 2),
            Receipts.ForQualifiedView(title, user, 1),
            Receipts.ForSession(user, title, "1"),
            Receipts.ForSession(user, title, "2"),
        ];
        Assert.Distinct(receipts);
        Assert.DoesNotContain(Guid.Empty, receipts);
    }

    [Fact]
    public void A_caller_cannot_shift_bytes_between_name_and_key() =>
        Assert.NotEqual(Receipts.ForTitle("a", title, "bc"), Receipts.ForTitle("ab", title, "c"));

    [Fact]
    public void Long_keys_of_any_letters_have_receipts()
    {
        var key = new string('鍵', 2_000);
        Assert.Equal(Receipts.ForTitle("subject", title, key), Receipts.ForTitle("subject", title, key));
        Assert.NotEqual(Receipts.ForTitle("subject", title, key), Receipts.ForTitle("subject", title, key + "鍵"));
    }

    [Fact]
    public void A_batch_with_a_key_always_goes_to_the_same_intake_and_batches_without_one_spread()
    {
        var keyed = new ViewBatchRequest([Guid.NewGuid()], [1], null, Receipts.ForBatch(Receipts.Anonymous, "one-of-many-keys"));
        var entry = new ViewBatchRequest([Guid.NewGuid(), Guid.NewGuid()], [1, 1], [Guid.Empty, keyed.Receipt!.Value], null);
        var unkeyed = new ViewBatchRequest([Guid.NewGuid()], [1], null, null);

        Assert.Single(Enumerable.Range(0, 100).Select(_ => keyed.GrainKey).Distinct());
        Assert.Equal(keyed.GrainKey, entry.GrainKey);
        Assert.InRange(Enumerable.Range(0, 1_000).Select(_ => unkeyed.GrainKey).Distinct().Count(), 10, 64);
    }
}
