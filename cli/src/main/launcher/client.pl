# Hands a command line to the daemon, as dev.lamina.cli.daemon.Client does (see Request and Reply
# there), but starts in 3 milliseconds where a JVM with a socket takes 60. No modules: every Debian
# has perl itself.
#
# Arguments: the daemons' directory, the directory of the jars, the program, its words.

use strict;
use warnings;

my $absent = 124;
my ($directory, $home, $program, @words) = @ARGV;

my ($namespace) = (readlink("/proc/self/ns/mnt") // "") =~ /(\d+)/ or exit $absent;
my $build = (stat "$home/classpath")[9] // exit $absent;
if (open my $packaged, "<", "$home/build") {
  chomp($build = <$packaged>);
}
my $here = readlink("/proc/self/cwd") // exit $absent;
my @variables = map { "$_=$ENV{$_}" } grep { /^LAMINA_|^XDG_DATA_HOME$/ } sort keys %ENV;

my $path = "$directory/daemon-$namespace.sock";
exit $absent if length $path > 107;
socket(my $daemon, 1, 1, 0) or exit $absent;                  # AF_UNIX, SOCK_STREAM
connect($daemon, pack("S a108", 1, $path)) or exit $absent;   # struct sockaddr_un
$SIG{PIPE} = "IGNORE";

sub send_all {
  my ($to, $bytes) = @_;
  for (my $done = 0; $done < length $bytes;) {
    my $count = syswrite($to, $bytes, length($bytes) - $done, $done);
    return unless defined $count;
    $done += $count;
  }
}

my $request = join "", map { pack "N/a*", $_ }
  "$home $build", $program, $here, scalar @variables, @variables, @words;
send_all($daemon, pack "N/a*", $request);

my $reply = "";
while (sysread $daemon, $reply, 65536, length $reply) { }
exit $absent if length $reply < 8;
my ($status, $length) = unpack "N N", $reply;
exit $absent if $length > length($reply) - 8;
send_all(\*STDERR, substr $reply, 8 + $length);
send_all(\*STDOUT, substr $reply, 8, $length);
exit $status;
