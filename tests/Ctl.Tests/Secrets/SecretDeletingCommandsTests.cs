using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Tests.Secrets;

/// <summary><c>secret delete</c>, <c>undelete</c> and <c>destroy</c>.</summary>
public sealed class SecretDeletingCommandsTests : IAsyncLifetime
{
    private const string Path = "kv/shop/orders";

    private Operator _operator = null!;

    public async Task InitializeAsync() => _operator = await Operator.CreateAsync();

    public Task DisposeAsync() => _operator.DisposeAsync().AsTask();

    [Fact]
    public async Task Versions_are_deleted_by_number()
    {
        _operator.Broker.Answer(new DeleteVersionsResponse { Versions = { 2, 3 }, LeasesEnded = 4 });

        var run = (await _operator.RunAsync("secret", "delete", Path, "2", "3")).MustSucceed();

        Assert.Equal(
            ["kv/shop/orders: versions 2, 3 are deleted, 4 leases ended; 'sidecarctl secret undelete kv/shop/orders 2 3' takes it back"], run.Lines);
        Assert.Equal([2UL, 3UL], _operator.Broker.Only<DeleteVersionsRequest>().Versions);
        Assert.False(_operator.Broker.Only<DeleteVersionsRequest>().Active);
    }

    [Fact]
    public async Task What_is_served_is_deleted_only_if_it_is_asked_for()
    {
        (await _operator.RunAsync("secret", "delete", Path)).MustFail(2, "--active");
        _operator.Broker.Answer(new DeleteVersionsResponse { Versions = { 7 }, Withdrawn = true });

        var run = (await _operator.RunAsync("secret", "delete", Path, "--active")).MustSucceed();

        Assert.Equal("nothing of kv/shop/orders is served now, until a version is activated or put", run.Lines[^1]);
        Assert.True(_operator.Broker.Only<DeleteVersionsRequest>().Active);
    }

    [Fact]
    public async Task Undelete_says_what_serves_the_version()
    {
        var run = (await _operator.RunAsync("secret", "undelete", Path, "3")).MustSucceed();

        Assert.Equal("kv/shop/orders: version 3 can be used again; 'sidecarctl secret activate kv/shop/orders 3' serves it\n", run.Output);
    }

    [Fact]
    public async Task Destroying_needs_a_yes_and_says_what_is_left()
    {
        (await _operator.RunAsync("secret", "destroy", Path, "3")).MustFail(2, "--yes");
        Assert.Empty(_operator.Broker.All<DestroyVersionsRequest>());

        var run = (await _operator.RunAsync("secret", "destroy", Path, "3", "--yes")).MustSucceed();
        _operator.Broker.Answer(new DestroyVersionsResponse { Erased = false });
        var unsure = (await _operator.RunAsync("secret", "destroy", Path, "3", "--yes", "-o", "json")).MustSucceed();

        Assert.Contains("nothing of the values is left in the database", run.Lines[1], StringComparison.Ordinal);
        Assert.False((bool)unsure.Json["erased"]!);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("x")]
    public async Task A_number_that_is_none_is_refused(string number)
    {
        var run = await _operator.RunAsync("secret", "delete", Path, "1", number);

        Assert.Equal(2, run.Code);
        Assert.Empty(_operator.Broker.All<DeleteVersionsRequest>());
    }
}
