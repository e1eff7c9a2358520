using System.Security.Cryptography;
using System.Text;
using SidecarAgent.Ctl.Tests.FakeBroker;

namespace SidecarAgent.Ctl.Tests;

public sealed class AuditHashCommandTests : IAsyncLifetime
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private Operator _operator = null!;

    public async Task InitializeAsync() => _operator = await Operator.CreateAsync();

    public Task DisposeAsync() => _operator.DisposeAsync().AsTask();

    [Fact]
    public async Task An_identifier_is_hashed_as_anybody_can_with_openssl()
    {
        var expected = "hmac-sha256:" + Convert.ToHexStringLower(HMACSHA256.HashData(Key, Encoding.UTF8.GetBytes("orders-0")));

        var run = (await _operator.RunAsync("audit", "hash", "orders-0", "node-1", "--key-file", KeyFile(Key))).MustSucceed();

        Assert.Equal(expected, run.Lines[0]);
        Assert.Equal(2, run.Lines.Length);
    }

    [Fact]
    public async Task Programs_get_the_value_with_its_hash()
    {
        var run = (await _operator.RunAsync("audit", "hash", "orders-0", "--key-file", KeyFile(Key), "-o", "json")).MustSucceed();

        Assert.Equal("orders-0", (string)run.Json[0]!["value"]!);
        Assert.StartsWith("hmac-sha256:", (string)run.Json[0]!["hash"]!);
    }

    [Fact]
    public async Task A_key_that_others_can_use_or_that_is_too_short_is_refused()
    {
        var open = KeyFile(Key);
        File.SetUnixFileMode(open, UnixFileMode.UserRead | UnixFileMode.OtherRead);

        (await _operator.RunAsync("audit", "hash", "x", "--key-file", open)).MustFail(1, "can be used by others", "chmod 600");
        (await _operator.RunAsync("audit", "hash", "x", "--key-file", KeyFile(Key[..31]))).MustFail(1, "has 31 bytes; expected 32 to 4096");
        (await _operator.RunAsync("audit", "hash", "x", "--key-file", _operator.Directory.File("none"))).MustFail(1, "cannot be read");
        (await _operator.RunAsync("audit", "hash", "x")).MustFail(2, "--key-file");
    }

    [Fact]
    public async Task A_trace_of_hashed_entries_says_how_to_find_somebody()
    {
        var trace = Recorded.Trace;
        trace.Events[1].Workload.Pod = "hmac-sha256:00";
        _operator.Broker.Answer(trace);

        var run = (await _operator.RunAsync("trace", "kv/shop/orders")).MustSucceed();

        Assert.Contains(run.Lines, line => line.Contains("'sidecarctl audit hash VALUE --key-file FILE'", StringComparison.Ordinal));
    }

    private string KeyFile(byte[] key)
    {
        var file = _operator.Directory.File($"key-{Guid.NewGuid():N}");
        File.WriteAllBytes(file, key);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }
}
