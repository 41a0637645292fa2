/**
 * One small report of each format that names a count per line in its own way, and the lines it means (`ran of all`). Shapes are
 * those of the formats' documentation; what real tools wrote is in test/recorded.
 */
import type { ReportFormat } from '@gatehouse/coverage-gate';

export interface Sample {
  readonly text: string;
  readonly files: Readonly<Record<string, string>>;
}

/** Counted regions on 1 to 4 with one inside on 2, a gap behind them, a skipped region on 6, and a region on 8. */
const SEGMENTS =
  '[[1,12,2,true,true,false],[2,9,0,true,true,false],[2,14,2,true,false,false],[4,2,0,false,false,false],[5,1,0,true,false,true],[6,1,0,false,true,false],[7,1,0,false,false,false],[8,1,18446744073709551615,true,true,false],[8,9,0,false,false,false]]';

export const SAMPLES: Partial<{ readonly [Format in ReportFormat]: Sample }> = {
  'llvm-cov': {
    text: `{"data":[{"files":[{"branches":[],"expansions":[],"filename":"/w/a.c","segments":${SEGMENTS},"summary":{"lines":{"count":9,"covered":9,"percent":100}}}],"functions":[],"totals":{}}],"type":"llvm.coverage.json.export","version":"2.0.1"}`,
    files: { '/w/a.c': '1,2,3,4,8 of 1,2,3,4,8' },
  },
  simplecov: {
    text: '{"RSpec":{"coverage":{"/w/a.rb":{"lines":[1,null,0,"ignored",2],"branches":{}}},"timestamp":1},"old":{"coverage":{"/w/a.rb":[null,null,1,0]},"timestamp":2}}',
    files: { '/w/a.rb': '1,3,5 of 1,3,4,5' },
  },
  codecov: {
    text: '{"coverage":{"a.x":{"1":0,"2":1,"3":"1/2","4":"0/2","5":null,"6":true},"b.x":[null,1,0,null]},"messages":{"a.x":{"1":"why"}}}',
    files: { 'a.x': '2,3,6 of 1,2,3,4,6', 'b.x': '1 of 1,2' },
  },
  coverlet: {
    text: '{"App.dll":{"/w/A.cs":{"App.A":{"System.Void App.A::M()":{"Lines":{"5":1,"6":0},"Branches":[{"Line":5,"Hits":0}]},"System.Void App.A::N()":{"Lines":{"9":0},"Branches":[]}}}},"Test.dll":{"/w/A.cs":{"App.A":{"System.Void App.A::M()":{"Lines":{"6":2},"Branches":[]}}}}}',
    files: { '/w/A.cs': '5,6 of 5,6,9' },
  },
  gcovr: {
    text: '{"gcovr/format_version":"0.15","files":[{"file":"a.c","lines":[{"line_number":2,"function_name":"f","count":0,"branches":[{"count":1}],"gcovr/md5":"x"},{"line_number":2,"function_name":"g","count":1,"branches":[]},{"line_number":3,"count":0,"branches":[]},{"line_number":4,"count":0,"gcovr/noncode":true},{"line_number":5,"count":0,"gcovr/excluded":true}],"functions":[]}]}',
    files: { 'a.c': '2 of 2,3' },
  },
  xccov: {
    text: '{"/w/A.swift":[{"isExecutable":false,"line":1},{"executionCount":3,"isExecutable":true,"line":2,"subranges":[{"column":4,"executionCount":0,"length":1}]},{"executionCount":0,"isExecutable":true,"line":3}]}',
    files: { '/w/A.swift': '2 of 2,3' },
  },
  'json-summary': {
    text: '{"total":{"lines":{"total":9,"covered":5,"skipped":0,"pct":55.55},"statements":{"total":10,"covered":5}},"/w/a.js":{"lines":{"total":4,"covered":4,"skipped":0,"pct":100},"functions":{"total":1,"covered":1}},"/w/b.js":{"lines":{"total":5,"covered":1,"pct":"Unknown"}}}',
    files: { '/w/a.js': ' of ', '/w/b.js': ' of ' },
  },
  'xccov-report': {
    text: '{"coveredLines":4,"lineCoverage":0.4,"targets":[{"name":"App","files":[{"coveredLines":4,"executableLines":10,"functions":[{"coveredLines":4,"executableLines":9}],"lineCoverage":0.4,"name":"A.swift","path":"/w/A.swift"}],"executableLines":10}],"executableLines":10}',
    files: { '/w/A.swift': ' of ' },
  },
  opencover: {
    text: '<?xml version="1.0"?><CoverageSession><Modules><Module hash="x"><Files><File uid="1" fullPath="C:\\w\\A.cs"/><File uid="2" fullPath="C:\\w\\B.cs"/></Files><Classes><Class><Methods><Method><FileRef uid="2"/><SequencePoints><SequencePoint vc="1" uspid="3" ordinal="0" offset="0" sl="4" sc="9" el="6" ec="20" bec="0" bev="0" fileid="1"/><SequencePoint vc="0" sl="8" sc="1" el="8" ec="2"/><SequencePoint vc="0" sl="16707566" sc="0" el="16707566" ec="0" fileid="1"/></SequencePoints><BranchPoints><BranchPoint vc="1" sl="20" fileid="1"/></BranchPoints><MethodPoint vc="1" sl="30" fileid="1"/></Method></Methods></Class></Classes></Module></Modules></CoverageSession>',
    files: { 'C:\\w\\A.cs': '4,5,6 of 4,5,6', 'C:\\w\\B.cs': ' of 8' },
  },
  'sonar-generic': {
    text: '<coverage version="1"><file path="src/a.x"><lineToCover lineNumber="2" covered="false"/><lineToCover covered=\'true\' lineNumber="6" branchesToCover="8" coveredBranches="2"/><lineToCover lineNumber="7" covered="yes"/></file></coverage>',
    files: { 'src/a.x': '6 of 2,6,7' },
  },
};
