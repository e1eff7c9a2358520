using System.Net.Sockets;
using System.Text;
using SidecarAgent.Quickstart.Demonstration;
using SidecarAgent.Testing;

namespace SidecarAgent.EndToEnd.Tests.Demonstration;

public sealed class LeakSearchTests : IDisposable
{
    private const string Value = "pa55word-that-leaks";

    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly LeakSearch _search = new(["another-value", Value]);

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("the password is pa55word-that-leaks!")]
    [InlineData("cGE1NXdvcmQtdGhhdC1sZWFrcw==")]
    [InlineData("70613535776F72642D746861742D6C65616B73")]
    [InlineData("70613535776f72642d746861742d6c65616b73")]
    public void A_value_is_found_in_its_forms_and_not_repeated(string text)
    {
        _search.Text("here", text);

        Assert.Equal("here holds secret value 2", Assert.Single(_search.Findings));
    }

    [Fact]
    public void Files_of_all_directories_are_searched_except_where_values_belong()
    {
        _directory.Write("logs/pod/app.log", Value);
        _directory.Write("secrets/db.json", Value);
        _directory.Write("clean", "nothing");

        _search.Directory(_directory.FullName, directory => directory.EndsWith("secrets", StringComparison.Ordinal));

        Assert.Equal($"{_directory.File("logs/pod/app.log")} holds secret value 2", Assert.Single(_search.Findings));
        Assert.Equal(2, _search.Places);
    }

    [Fact]
    public void Sockets_and_links_are_passed_over()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_directory.File("admin.sock")));
        File.CreateSymbolicLink(_directory.File("dangling"), _directory.File("nowhere"));

        _search.Directory(_directory.FullName, _ => false);

        Assert.Equal(0, _search.Places);
    }

    [Fact]
    public void A_file_that_its_program_has_locked_is_searched_all_the_same()
    {
        using var locked = new FileStream(_directory.Write("lock", Value), FileMode.Open, FileAccess.ReadWrite, FileShare.None);

        _search.Directory(_directory.FullName, _ => false);

        Assert.Single(_search.Findings);
    }

    [Fact]
    public void A_binary_file_is_searched_byte_by_byte()
    {
        File.WriteAllBytes(_directory.File("broker.db"), [0, 0xFF, .. Encoding.UTF8.GetBytes(Value), 0xFE]);

        _search.Directory(_directory.FullName, _ => false);

        Assert.Single(_search.Findings);
    }

    [Fact]
    public void The_environment_of_a_process_is_searched()
    {
        // The test host's own, which has a variable of known content.
        var path = Environment.GetEnvironmentVariable("PATH")!;
        var search = new LeakSearch([path]);

        search.Process("this test", Environment.ProcessId);

        Assert.Equal($"/proc/{Environment.ProcessId}/environ (this test) holds secret value 1", Assert.Single(search.Findings));
    }
}
